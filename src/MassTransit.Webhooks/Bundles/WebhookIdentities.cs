using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Packs the identity properties of a bundle's webhooks into a separate property, which older processes ignore. Each webhook takes a byte
/// of flags (1: id signed, 2: event type signed, 4: a digest follows), and then the digest's length and characters.
/// </summary>
internal static class WebhookIdentities
{
    const byte IdSigned = 1;
    const byte EventTypeSigned = 2;
    const byte HasDigest = 4;

    /// <returns><c>null</c> if no webhook has such properties.</returns>
    public static byte[]? Pack(IReadOnlyList<Webhook> webhooks)
    {
        if (webhooks.All(x => x is { ContentDigest: null, IsIdSigned: false, IsEventTypeSigned: false }))
            return null;

        using var stream = new MemoryStream(webhooks.Count * 34);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        foreach (var webhook in webhooks)
        {
            writer.Write((byte)((webhook.IsIdSigned ? IdSigned : 0) | (webhook.IsEventTypeSigned
                ? EventTypeSigned : 0) | (webhook.ContentDigest is null ? 0 : HasDigest)));
            if (webhook.ContentDigest is { } digest)
                writer.Write(digest);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Restores the identity properties of a bundle's webhooks.</summary>
    /// <exception cref="FormatException">The bytes are damaged.</exception>
    public static void Unpack(byte[]? bytes, Webhook[] webhooks)
    {
        // The bundle was packed by an older process.
        if (bytes is null)
            return;

        var reader = new PackedReader(bytes);
        for (var i = 0; i < webhooks.Length; i++)
        {
            var flags = reader.ReadByte();
            webhooks[i] = webhooks[i] with
            {
                IsIdSigned = (flags & IdSigned) != 0,
                IsEventTypeSigned = (flags & EventTypeSigned) != 0,
                ContentDigest = (flags & HasDigest) != 0 ? reader.ReadText() : null,
            };
        }

        if (reader.Left > 0)
            throw PackedReader.Damaged("what identifies the webhooks is longer than they are many");
    }
}
