using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>
/// The format of a message in the messages hash. Scripts never read it, because priority, place and delivery count are stored outside.
/// Layout, version 1: version byte, content type (byte code, or 0 and a string), message id (16 bytes), time to live in ms (8 bytes, 0:
/// none), number of headers (2 bytes), then each header as name, type byte and value, then the body. Strings begin with their length in
/// bytes (4 bytes); integers are little-endian.
/// </summary>
internal sealed class MessageRecord
{
    const byte Version = 1;
    const int FixedLength = 1 + 1 + 16 + 8 + 2;

    static readonly string[] KnownContentTypes =
    [
        "", "application/vnd.masstransit+json", "application/json", "application/vnd.masstransit+bson",
        "application/octet-stream", "application/vnd.masstransit+aes", "application/vnd.masstransit.v2+aes",
        "application/vnd.masstransit+msgpack", "text/plain",
    ];

    public Guid MessageId { get; init; }

    public string? ContentType { get; init; }

    /// <summary>How long the message may wait after it becomes available.</summary>
    public TimeSpan? TimeToLive { get; init; }

    public IReadOnlyList<KeyValuePair<string, object>> Headers { get; init; } = [];

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <exception cref="ArgumentException">A header has a type that a record cannot hold, or there are too many headers.</exception>
    public byte[] Pack()
    {
        if (Headers.Count > ushort.MaxValue)
            throw new ArgumentException($"A message has {Headers.Count} headers; at most {ushort.MaxValue} are possible.");

        var contentType = ContentType ?? "";
        var code = Array.IndexOf(KnownContentTypes, contentType, 1);
        var length = FixedLength + Body.Length + (code < 0 ? 4 + Encoding.UTF8.GetByteCount(contentType) : 0);
        for (var i = 0; i < Headers.Count; i++)
            length += HeaderValue.Measure(Headers[i]);

        var buffer = GC.AllocateUninitializedArray<byte>(length);
        var writer = new RecordWriter(buffer);
        writer.Byte(Version);
        writer.Byte(code < 0 ? (byte)0 : (byte)code);
        if (code < 0)
            writer.String(contentType);
        writer.Guid(MessageId);
        writer.Int64(TimeToLive is { } ttl ? Math.Max(1, (long)ttl.TotalMilliseconds) : 0);
        writer.UInt16((ushort)Headers.Count);
        for (var i = 0; i < Headers.Count; i++)
            HeaderValue.Write(ref writer, Headers[i]);
        writer.Bytes(Body.Span);
        return buffer;
    }

    /// <summary>Parses a record. Returns false for invalid bytes; it never throws.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out MessageRecord? record) =>
        TryParse(bytes, cut: false, out record);

    /// <summary>Parses the beginning of a record. The last header may be cut off; further headers and the body are missing then.</summary>
    public static bool TryParseHead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out MessageRecord? record) =>
        TryParse(bytes, cut: true, out record);

    static bool TryParse(ReadOnlyMemory<byte> bytes, bool cut, [NotNullWhen(true)] out MessageRecord? record)
    {
        record = null;
        var reader = new RecordReader(bytes, cut);
        if (!reader.Byte(out var version) || version != Version || !reader.Byte(out var code) || code >= KnownContentTypes.Length)
            return false;

        var contentType = KnownContentTypes[code];
        if (code == 0 && !reader.String(out contentType))
            return false;

        if (!reader.Guid(out var messageId) || !reader.Int64(out var ttl) || ttl < 0 || !reader.UInt16(out var count))
            return false;

        // A header takes at least five bytes, for its name's length and its type.
        if (!cut && count > reader.Left / 5)
            return false;

        // A time to live that would overflow a time span is centuries long, so it counts as none.
        var timeToLive = ttl == 0 || ttl > TimeSpan.MaxValue.TotalMilliseconds / 2 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(ttl);
        var headers = count == 0 ? [] : new List<KeyValuePair<string, object>>(Math.Min(count, reader.Left / 5 + 1));
        for (var i = 0; i < count; i++)
        {
            if (!HeaderValue.TryRead(ref reader, out var header))
            {
                if (cut)
                    break;
                return false;
            }

            headers.Add(header);
        }

        record = new MessageRecord
        {
            MessageId = messageId,
            ContentType = string.IsNullOrEmpty(contentType) ? null : contentType,
            TimeToLive = timeToLive,
            Headers = headers,
            Body = reader.Rest(),
        };
        return true;
    }
}

/// <summary>Writes into a buffer of the right size.</summary>
internal ref struct RecordWriter(Span<byte> buffer)
{
    Span<byte> _rest = buffer;

    public void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_rest, value);
        _rest = _rest[2..];
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_rest, value);
        _rest = _rest[4..];
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_rest, value);
        _rest = _rest[8..];
    }

    public void Guid(Guid value)
    {
        value.TryWriteBytes(_rest);
        _rest = _rest[16..];
    }

    public void String(string value)
    {
        var written = Encoding.UTF8.GetBytes(value, _rest[4..]);
        Int32(written);
        _rest = _rest[written..];
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }
}

/// <summary>Reads a record and checks every length, so that a damaged record is refused.</summary>
/// <param name="bytes">The record.</param>
/// <param name="cut">True if its end is missing: a string may be shorter than it says then.</param>
internal struct RecordReader(ReadOnlyMemory<byte> bytes, bool cut = false)
{
    ReadOnlyMemory<byte> _rest = bytes;

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => _rest.Length;

    public bool Byte(out byte value)
    {
        value = _rest.Length < 1 ? (byte)0 : _rest.Span[0];
        return Advance(1);
    }

    public bool UInt16(out ushort value)
    {
        value = _rest.Length < 2 ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(_rest.Span);
        return Advance(2);
    }

    public bool Int32(out int value)
    {
        value = _rest.Length < 4 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(_rest.Span);
        return Advance(4);
    }

    public bool Int64(out long value)
    {
        value = _rest.Length < 8 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(_rest.Span);
        return Advance(8);
    }

    public bool Guid(out Guid value)
    {
        value = _rest.Length < 16 ? System.Guid.Empty : new Guid(_rest.Span[..16]);
        return Advance(16);
    }

    public bool String(out string value)
    {
        value = "";
        if (!Int32(out var length) || length < 0 || (length > _rest.Length && !cut))
            return false;

        length = Math.Min(length, _rest.Length);
        value = Encoding.UTF8.GetString(_rest.Span[..length]);
        return Advance(length);
    }

    public readonly ReadOnlyMemory<byte> Rest() => _rest;

    bool Advance(int count)
    {
        if (_rest.Length < count)
            return false;

        _rest = _rest[count..];
        return true;
    }
}
