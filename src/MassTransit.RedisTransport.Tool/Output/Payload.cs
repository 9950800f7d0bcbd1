using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>
/// A body as a person reads it: JSON with indentation, its numbers, names and doubles exactly as they were sent; other text as it is;
/// anything else
/// in hex. It is cut at a size that a terminal can hold.
/// </summary>
static class Payload
{
    const int Longest = 64 * 1024;
    const int LongestHex = 4 * 1024;
    const int Deepest = 256;

    public static string Show(ReadOnlySpan<byte> body, string? contentType)
    {
        if (body.IsEmpty)
            return "";
        var cut = body.Length > Longest ? $"\n… {body.Length - Longest} of {body.Length} bytes more: --raw writes all" : "";
        if (cut.Length == 0 && IsJson(body, contentType) && Indent(body) is { } json)
            return json;
        var shown = body[..Math.Min(body.Length, Longest)];
        // A cut may go through a character of up to four bytes.
        for (var end = shown.Length; end > shown.Length - 4 && end > 0; end--)
        {
            if (Utf8.IsValid(shown[..end]) && (end == shown.Length || cut.Length > 0))
                return Encoding.UTF8.GetString(shown[..end]) + cut;
        }

        return Hex(body);
    }

    static bool IsJson(ReadOnlySpan<byte> body, string? contentType) =>
        contentType?.Contains("json", StringComparison.OrdinalIgnoreCase) is true
        || body.TrimStart(" \r\n\t"u8) is [(byte)'{' or (byte)'[', ..];

    /// <summary>Copies every token as it is; <c>null</c> if the text is no JSON or too deep.</summary>
    static string? Indent(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(body.Length * 2);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Deepest });
        var isFirst = true;
        var isValue = false;
        try
        {
            while (reader.Read())
            {
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (!isValue && !(isEnd && isFirst) && text.Length > 0)
                    text.Append(isEnd || isFirst ? "\n" : ",\n").Append(' ', 2 * reader.CurrentDepth);
                isValue = reader.TokenType == JsonTokenType.PropertyName;
                text.Append(Token(ref reader));
                isFirst = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            }

            return text.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string Token(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "{",
        JsonTokenType.EndObject => "}",
        JsonTokenType.StartArray => "[",
        JsonTokenType.EndArray => "]",
        JsonTokenType.PropertyName => $"\"{Encoding.UTF8.GetString(reader.ValueSpan)}\": ",
        JsonTokenType.String => $"\"{Encoding.UTF8.GetString(reader.ValueSpan)}\"",
        _ => Encoding.UTF8.GetString(reader.ValueSpan),
    };

    static string Hex(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder();
        var shown = body[..Math.Min(body.Length, LongestHex)];
        for (var i = 0; i < shown.Length; i += 16)
        {
            var row = shown[i..Math.Min(i + 16, shown.Length)];
            text.Append(i.ToString("x6", System.Globalization.CultureInfo.InvariantCulture)).Append("  ");
            for (var j = 0; j < 16; j++)
                text.Append(j < row.Length ? Convert.ToHexStringLower(row.Slice(j, 1)) : "  ").Append(j == 7 ? "  " : " ");
            text.Append(' ');
            foreach (var value in row)
                text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
            text.Append('\n');
        }

        return body.Length > LongestHex
            ? $"{text}… {body.Length - LongestHex} of {body.Length} bytes more: --raw writes all" : text.ToString();
    }
}
