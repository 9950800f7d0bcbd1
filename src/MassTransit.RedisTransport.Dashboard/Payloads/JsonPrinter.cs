using System.Text;
using System.Text.Json;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>
/// Indents JSON token by token. Numbers, escapes, the order of keys and keys that stand twice stay as they were sent, since nothing is
/// converted. It stops when it has written enough, so that the size of the body costs nothing.
/// </summary>
internal static class JsonPrinter
{
    /// <summary>What is deeper is shown as it is. No sender of good will comes near it.</summary>
    const int MaxDepth = 256;

    const string Hidden = "\"••• hidden\"";

    /// <summary>Returns the indented text; <c>null</c> if the bytes are no JSON, as far as they were read.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="limit">About how many characters are written.</param>
    /// <param name="isSecret">Which members of an object called <c>headers</c> are not shown; <c>null</c>: all are shown.</param>
    /// <param name="isComplete">False if it has stopped at the limit.</param>
    public static string? Print(ReadOnlySpan<byte> utf8, int limit, Func<string, bool>? isSecret, out bool isComplete)
    {
        isComplete = true;
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var printer = new Printer(limit, isSecret);
        try
        {
            while (reader.Read())
            {
                if (printer.Text.Length >= limit)
                {
                    isComplete = false;
                    break;
                }

                isComplete &= printer.Token(ref reader);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return printer.Text.Length == 0 ? null : printer.Text.ToString();
    }

    sealed class Printer(int limit, Func<string, bool>? isSecret)
    {
        bool _hasSibling;
        bool _afterName;
        bool _hides;
        bool _isHeaders;

        /// <summary>The depth of the object called <c>headers</c>; below 0: none.</summary>
        int _headersDepth = -1;

        public StringBuilder Text { get; } = new();

        /// <returns>False if the token was cut.</returns>
        public bool Token(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    if (_hasSibling)
                        Line(reader.CurrentDepth);
                    Text.Append(reader.TokenType == JsonTokenType.EndObject ? '}' : ']');
                    _hasSibling = true;
                    if (reader.CurrentDepth <= _headersDepth)
                        _headersDepth = -1;
                    return true;
                case JsonTokenType.PropertyName:
                    Separate(reader.CurrentDepth);
                    var name = Raw(ref reader, out var whole);
                    Text.Append('"').Append(name).Append("\": ");
                    _afterName = true;
                    _hides = _headersDepth >= 0 && isSecret is not null && isSecret(name);
                    _isHeaders = name.Equals("headers", StringComparison.OrdinalIgnoreCase);
                    return whole;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Separate(reader.CurrentDepth);
                    Text.Append(reader.TokenType == JsonTokenType.StartObject ? '{' : '[');
                    if (_isHeaders && _headersDepth < 0 && reader.TokenType == JsonTokenType.StartObject)
                        _headersDepth = reader.CurrentDepth;
                    _hasSibling = _afterName = _isHeaders = false;
                    return true;
                default:
                    Separate(reader.CurrentDepth);
                    var complete = true;
                    if (_hides)
                        Text.Append(Hidden);
                    else if (reader.TokenType == JsonTokenType.String)
                        Text.Append('"').Append(Raw(ref reader, out complete)).Append(complete ? "\"" : "…");
                    else
                        Text.Append(Raw(ref reader, out complete));
                    _hasSibling = true;
                    _hides = _isHeaders = false;
                    return complete;
            }
        }

        void Separate(int depth)
        {
            if (_afterName)
            {
                _afterName = false;
                return;
            }

            if (_hasSibling)
                Text.Append(',');
            if (depth > 0)
                Line(depth);
        }

        void Line(int depth) => Text.Append('\n').Append(' ', 2 * depth);

        /// <summary>The token as it was sent, with its escapes.</summary>
        string Raw(ref Utf8JsonReader reader, out bool whole)
        {
            var bytes = reader.ValueSpan;
            var room = Math.Max(16, limit - Text.Length);
            whole = bytes.Length <= room;
            return Encoding.UTF8.GetString(whole ? bytes : Utf8Text.Head(bytes, room));
        }
    }
}
