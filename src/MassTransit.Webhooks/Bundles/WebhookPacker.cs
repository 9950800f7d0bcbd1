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

    /// <exception cref="FormatException">The bytes are damaged, or were packed by a newer version.</exception>
    public static Webhook[] Unpack(byte[] bytes, int count)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
            if (reader.ReadByte() is var version && version != Version)
                throw new FormatException($"The bundle of webhooks has version {version}, which a newer release has written: update this process, then replay the message.");

            var webhooks = new Webhook[count];
            Webhook? before = null;
            for (var i = 0; i < count; i++)
                webhooks[i] = before = Read(reader, before);
            return webhooks;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or OverflowException)
        {
            throw new FormatException("The bundle of webhooks is damaged.", exception);
        }
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

    static Webhook Read(BinaryReader reader, Webhook? before)
    {
        // In the order in which they were written: initializers run from top to bottom.
        return new Webhook
        {
            Id = reader.ReadString(),
            Receiver = Known(reader.ReadString(), before?.Receiver),
            EventType = Known(reader.ReadString(), before?.EventType),
            ReceivedAt = ReadTime(reader),
            ContentType = ReadOptional(reader) is { } type ? Known(type, before?.ContentType) : null,
            Tenant = ReadOptional(reader),
            Headers = ReadHeaders(reader),
            Body = ReadBody(reader),
        };
    }

    static IReadOnlyDictionary<string, string> ReadHeaders(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        if (count == 0)
            return ReadOnlyDictionary<string, string>.Empty;

        var headers = new Dictionary<string, string>(Math.Clamp(count, 0, 64), StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            headers[reader.ReadString()] = reader.ReadString();
        return headers;
    }

    static byte[] ReadBody(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var body = reader.ReadBytes(length);
        return body.Length == length ? body : throw new EndOfStreamException();
    }

    static DateTimeOffset ReadTime(BinaryReader reader)
    {
        var ticks = reader.ReadInt64();
        var offset = TimeSpan.FromMinutes(reader.Read7BitEncodedInt());
        return new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(offset);
    }

    static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    /// <summary>Webhooks that come together are alike: one text serves all of them.</summary>
    static string Known(string text, string? before) => text == before ? before : text;
}
