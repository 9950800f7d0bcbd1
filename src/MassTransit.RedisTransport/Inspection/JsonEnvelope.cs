using System.Globalization;
using System.Text.Json;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// Reads MassTransit's JSON envelope without reading the message, and removes headers from it without changing the other bytes.
/// </summary>
internal static class JsonEnvelope
{
    const string EnvelopeContentType = "application/vnd.masstransit+json";

    static readonly JsonReaderOptions Options = new() { MaxDepth = 1_000 };

    public static bool IsEnvelope(string? contentType) =>
        contentType is not null && contentType.StartsWith(EnvelopeContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the types and the redelivery count of the message. They are empty if the body is no envelope.</summary>
    public static (IReadOnlyList<string> MessageTypes, int? RedeliveryCount) Read(ReadOnlySpan<byte> body)
    {
        var types = new List<string>();
        int? redelivered = null;
        try
        {
            var reader = new Utf8JsonReader(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return (types, null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isTypes = reader.ValueTextEquals("messageType"u8);
                var isHeaders = reader.ValueTextEquals("headers"u8);
                reader.Read();
                if (isTypes && reader.TokenType == JsonTokenType.StartArray)
                {
                    while (reader.Read() && reader.TokenType == JsonTokenType.String)
                        types.Add(reader.GetString()!);
                }
                else if (isHeaders && reader.TokenType == JsonTokenType.StartObject)
                {
                    redelivered = ReadRedeliveryCount(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The body is damaged or no JSON. The values that were found before are used.
        }

        return (types, redelivered);
    }

    /// <summary>Returns the body without one header of its envelope. Without such a header it returns the same bytes.</summary>
    public static ReadOnlyMemory<byte> WithoutHeader(ReadOnlyMemory<byte> body, string name)
    {
        try
        {
            return Cut(body, name);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return body;
        }
    }

    /// <summary>
    /// Returns the body with another value of a property of the envelope, which must be there. The other bytes do not change. Returns
    /// <c>null</c> if the body is no envelope with that property.
    /// </summary>
    public static ReadOnlyMemory<byte>? WithProperty(ReadOnlyMemory<byte> body, string name, string json)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isWanted = reader.ValueTextEquals(name);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isWanted)
                {
                    var end = (int)reader.BytesConsumed;
                    return (byte[])[.. body.Span[..start], .. System.Text.Encoding.UTF8.GetBytes(json), .. body.Span[end..]];
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The body is damaged or no JSON.
        }

        return null;
    }

    static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> body, string name)
    {
        var reader = new Utf8JsonReader(body.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return body;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isHeaders = reader.ValueTextEquals("headers"u8);
            reader.Read();
            if (!isHeaders || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            // The part to remove extends to the beginning of the next header, or begins at the end of the one before, so that one comma is
            // removed with it.
            long? before = null, start = null, end = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (start is not null)
                    return Without(body, start.Value, reader.TokenStartIndex);
                if (string.Equals(reader.GetString(), name, StringComparison.OrdinalIgnoreCase))
                    start = reader.TokenStartIndex;
                reader.Read();
                reader.Skip();
                if (start is null)
                    before = reader.BytesConsumed;
                else
                    end = reader.BytesConsumed;
            }

            return start is null || end is null ? body : Without(body, before ?? start.Value, end.Value);
        }

        return body;
    }

    static byte[] Without(ReadOnlyMemory<byte> body, long start, long end) => [.. body.Span[..(int)start], .. body.Span[(int)end..]];

    /// <summary>
    /// True if the message in the envelope, or the body itself if it is no envelope, has these properties with these values.
    /// </summary>
    public static bool HasProperties(string? contentType, ReadOnlySpan<byte> body, IReadOnlyDictionary<string, string> wanted)
    {
        try
        {
            var reader = new Utf8JsonReader(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return wanted.Count == 0;
            if (!IsEnvelope(contentType))
                return CountMatches(ref reader, wanted) == wanted.Count;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMessage = reader.ValueTextEquals("message"u8);
                reader.Read();
                if (isMessage && reader.TokenType == JsonTokenType.StartObject)
                    return CountMatches(ref reader, wanted) == wanted.Count;
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The body is damaged or no JSON.
        }

        return wanted.Count == 0;
    }

    /// <summary>Counts the wanted properties that have their values. Of a property that is there twice the last value counts.</summary>
    static int CountMatches(ref Utf8JsonReader reader, IReadOnlyDictionary<string, string> wanted)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            foreach (var (property, value) in wanted)
            {
                if (!property.Equals(name, StringComparison.OrdinalIgnoreCase))
                    continue;
                if (reader.TokenType == JsonTokenType.String ? reader.ValueTextEquals(value)
                    : reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)
                        && reader.ValueSpan.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(value)))
                    found.Add(property);
                else
                    found.Remove(property);
            }

            reader.Skip();
        }

        return found.Count;
    }

    static int? ReadRedeliveryCount(ref Utf8JsonReader reader)
    {
        int? count = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCount = string.Equals(reader.GetString(), MessageHeaders.RedeliveryCount, StringComparison.OrdinalIgnoreCase);
            reader.Read();
            if (isCount && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                count = number;
            else if (isCount && reader.TokenType == JsonTokenType.String
                && int.TryParse(reader.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out number))
                count = number;
            else
                reader.Skip();
        }

        return count;
    }
}
