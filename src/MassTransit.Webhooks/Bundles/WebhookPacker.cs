using System.Collections.ObjectModel;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Packs webhooks into bytes. Layout, version 1: version byte, then each webhook as id, receiver, event type, ticks (UTC) and
/// offset in minutes, content type, tenant, number of headers, headers, body. Numbers are 7-bit encoded, texts carry their length
/// in front, and those that may be absent a byte that says whether they are there.
/// </summary>
internal static class WebhookPacker
{
    const byte Version = 1;

    /// <summary>What a webhook takes that has nothing in it: 7 lengths, flags and counts, 8 bytes of ticks and one of the offset.</summary>
    const int LeastBytes = 16;

    /// <summary>Two texts without a character.</summary>
    const int LeastHeaderBytes = 2;

    public static byte[] Pack(IReadOnlyList<Webhook> webhooks)
    {
        var length = 1;
        foreach (var webhook in webhooks)
            length += Measure(webhook);

        using var stream = new MemoryStream(length);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        foreach (var webhook in webhooks)
            Write(writer, webhook);
        writer.Flush();
        return stream.TryGetBuffer(out var buffer) && buffer.Count == buffer.Array!.Length ? buffer.Array : stream.ToArray();
    }

    /// <summary>About how many bytes a webhook takes; never less than its body.</summary>
    public static int Measure(Webhook webhook)
    {
        var length = 48 + webhook.Id.Length + webhook.Receiver.Length + webhook.EventType.Length + (webhook.ContentType?.Length ?? 0)
            + (webhook.Tenant?.Length ?? 0) + webhook.Body.Length;
        if (webhook.Headers.Count > 0)
        {
            foreach (var header in webhook.Headers)
                length += 4 + header.Key.Length + header.Value.Length;
        }

        return length;
    }

    /// <summary>Reads all there is: what is left over is damage, as what is missing is.</summary>
    /// <exception cref="FormatException">The bytes are damaged, are not as many webhooks as told, or were packed by a newer version.</exception>
    public static Webhook[] Unpack(ReadOnlySpan<byte> bytes, int count)
    {
        var reader = new PackedReader(bytes);
        if (reader.ReadByte() is var version && version != Version)
            throw new FormatException($"The bundle of webhooks has version {version}, which a newer release has written: update this process, then replay the message.");
        if (count < 1 || count > reader.Left / LeastBytes)
            throw PackedReader.Damaged($"it is said to hold {count} webhooks, and has {reader.Left} bytes");

        var webhooks = new Webhook[count];
        Webhook? before = null;
        for (var i = 0; i < count; i++)
            webhooks[i] = before = Read(ref reader, before);
        return reader.Left == 0 ? webhooks : throw PackedReader.Damaged($"it is said to hold {count} webhooks, and {reader.Left} bytes are left after them");
    }

    static void Write(BinaryWriter writer, Webhook webhook)
    {
        writer.Write(webhook.Id);
        writer.Write(webhook.Receiver);
        writer.Write(webhook.EventType);
        writer.Write(webhook.ReceivedAt.UtcTicks);
        writer.Write7BitEncodedInt((int)webhook.ReceivedAt.Offset.TotalMinutes);
        WriteOptional(writer, webhook.ContentType);
        WriteOptional(writer, webhook.Tenant);
        writer.Write7BitEncodedInt(webhook.Headers.Count);
        if (webhook.Headers.Count > 0)
        {
            foreach (var header in webhook.Headers)
            {
                writer.Write(header.Key);
                writer.Write(header.Value);
            }
        }

        writer.Write7BitEncodedInt(webhook.Body.Length);
        writer.Write(webhook.Body);
    }

    static Webhook Read(ref PackedReader reader, Webhook? before) =>
        // In the order in which they were written: initializers run from top to bottom.
        new()
        {
            Id = reader.ReadText(),
            Receiver = Known(reader.ReadText(), before?.Receiver),
            EventType = Known(reader.ReadText(), before?.EventType),
            ReceivedAt = ReadTime(ref reader),
            ContentType = reader.ReadBoolean() ? Known(reader.ReadText(), before?.ContentType) : null,
            Tenant = reader.ReadBoolean() ? reader.ReadText() : null,
            Headers = ReadHeaders(ref reader),
            Body = reader.ReadBytes().ToArray(),
        };

    static IReadOnlyDictionary<string, string> ReadHeaders(ref PackedReader reader)
    {
        var count = reader.ReadCount(LeastHeaderBytes);
        if (count == 0)
            return ReadOnlyDictionary<string, string>.Empty;

        // Grows by what is really there.
        var headers = new Dictionary<string, string>(Math.Min(count, 64), StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadText();
            headers[name] = reader.ReadText();
        }

        return headers;
    }

    static DateTimeOffset ReadTime(ref PackedReader reader)
    {
        var (ticks, minutes) = (reader.ReadInt64(), reader.ReadNumber());
        try
        {
            return new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(minutes));
        }
        catch (ArgumentException exception)
        {
            throw new FormatException("The bundle of webhooks is damaged: a time is none.", exception);
        }
    }

    static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    /// <summary>Webhooks that come together are alike: one text serves all of them.</summary>
    static string Known(string text, string? before) => text == before ? before : text;
}
