using System.Collections.ObjectModel;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Packs webhooks into bytes. Layout, version 1: version byte, then each webhook as id, receiver, event type, ticks (UTC) and offset in
/// minutes, content type, tenant, number of headers, headers, body. Numbers are 7-bit encoded. A text begins with its length, and an
/// optional one with a byte that says whether it is present.
/// </summary>
internal static class WebhookPacker
{
    const byte Version = 1;

    /// <summary>The size of an empty webhook: 7 bytes of lengths, flags and counts, 8 bytes of ticks and one of the offset.</summary>
    const int LeastBytes = 16;

    /// <summary>The size of a header with an empty name and value.</summary>
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

    /// <summary>Estimates how many bytes a webhook takes. It is never less than the body.</summary>
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

    /// <summary>Reads all webhooks. Bytes that are left over are an error, as missing ones are.</summary>
    /// <exception cref="FormatException">
    /// The bytes are damaged, do not hold <paramref name="count"/> webhooks, or were packed by a newer version.
    /// </exception>
    public static Webhook[] Unpack(ReadOnlySpan<byte> bytes, int count)
    {
        var reader = new PackedReader(bytes);
        if (reader.ReadByte() is var version && version != Version)
            throw new FormatException($"The bundle of webhooks has version {version}, which a newer release has written: update this "
                + "process, then replay the message.");
        if (count < 1 || count > reader.Left / LeastBytes)
            throw PackedReader.Damaged($"it is said to hold {count} webhooks, and has {reader.Left} bytes");

        var webhooks = new Webhook[count];
        Webhook? before = null;
        for (var i = 0; i < count; i++)
            webhooks[i] = before = Read(ref reader, before);
        return reader.Left == 0
            ? webhooks : throw PackedReader.Damaged($"it is said to hold {count} webhooks, and {reader.Left} bytes are left after them");
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
        // The properties must be in the order in which they were written, because initializers run from top to bottom.
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

        // The initial capacity is limited, so that the dictionary grows only with headers that really exist.
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

    /// <summary>Reuses the text of the webhook before if it is equal, because webhooks of one bundle often have the same texts.</summary>
    static string Known(string text, string? before) => text == before ? before : text;
}
