using System.Text;
using System.Text.Json;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>The body of a dead letter as a text that somebody changes in a browser.</summary>
internal sealed class EditText
{
    /// <summary>Indented JSON may be longer than the body; if it were very much longer, it is not indented.</summary>
    const int MaxIndented = 2 * RedisEdit.MaxBytes;

    const int MaxDepth = 256;

    const string EnvelopeType = "application/vnd.masstransit+json";

    /// <summary>JSON is indented; every line ends as on Unix.</summary>
    public required string Text { get; init; }

    /// <summary>True if it has to stay JSON.</summary>
    public bool IsJson { get; private init; }

    /// <summary>True if the body is the message in MassTransit's envelope, the rest of which stays.</summary>
    public bool IsMessage { get; private init; }

    bool HasWindowsLines { get; init; }

    /// <summary>Returns <c>null</c> if the body is no text, or too long for an edit.</summary>
    public static EditText? Of(Described described)
    {
        var isEnvelope = described.Description is null
            && described.ContentType?.StartsWith(EnvelopeType, StringComparison.OrdinalIgnoreCase) == true;
        var body = isEnvelope ? MessageOf(described.Body) : described.Body;
        if (body is not { Length: <= RedisEdit.MaxBytes } bytes)
            return null;
        var payload = Payload.Read(bytes, described.ContentType);
        if (payload.Kind is PayloadKind.Binary)
            return null;
        var raw = Encoding.UTF8.GetString(bytes.Span);
        var isJson = isEnvelope || (payload.Kind == PayloadKind.Json && IsValid(bytes.Span));
        var text = isJson && JsonPrinter.Print(bytes.Span, MaxIndented, null, out var isComplete) is { } indented && isComplete
            ? indented : raw;
        return new EditText
        {
            Text = Unix(text),
            IsJson = isJson,
            IsMessage = isEnvelope,
            HasWindowsLines = raw.Contains("\r\n", StringComparison.Ordinal)
                && !raw.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n'),
        };
    }

    /// <summary>The bytes of a changed text, with the line ends of the original.</summary>
    public byte[] ToBytes(string text) =>
        Encoding.UTF8.GetBytes(HasWindowsLines && !IsJson ? text.Replace("\n", "\r\n", StringComparison.Ordinal) : text);

    /// <summary>A browser sends every end of a line as on Windows.</summary>
    public static string Unix(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    /// <summary>Why the text cannot be JSON; <c>null</c> if it is.</summary>
    public static string? Problem(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
                ;
            return null;
        }
        catch (JsonException exception)
        {
            return $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}";
        }
    }

    static bool IsValid(ReadOnlySpan<byte> json) => Problem(json) is null;

    /// <summary>The message of an envelope as it is written there; <c>null</c> if there is none.</summary>
    static ReadOnlyMemory<byte>? MessageOf(ReadOnlyMemory<byte> envelope)
    {
        try
        {
            var reader = new Utf8JsonReader(envelope.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMessage = reader.ValueTextEquals("message"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isMessage)
                    return envelope[start..(int)reader.BytesConsumed];
            }
        }
        catch (JsonException)
        {
            // No envelope, or a damaged one.
        }

        return null;
    }
}
