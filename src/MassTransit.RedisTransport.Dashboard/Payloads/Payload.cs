using System.Text;
using System.Text.Unicode;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>What a body is shown as.</summary>
internal enum PayloadKind
{
    Empty,
    Json,
    Form,
    Text,
    Binary,
}

/// <summary>
/// A body as text for a page. It is bounded, however large the body is: the rest is for the download.
/// </summary>
internal sealed class Payload(PayloadKind kind, string text, IReadOnlyList<KeyValuePair<string, string>> fields, int length,
    bool isComplete)
{
    /// <summary>Characters of text.</summary>
    public const int MaxText = 64 * 1024;

    const int MaxHex = 4 * 1024;
    const int MaxFields = 500;

    public PayloadKind Kind => kind;

    public string Text => text;

    public IReadOnlyList<KeyValuePair<string, string>> Fields => fields;

    /// <summary>Bytes of the body.</summary>
    public int Length => length;

    public bool IsComplete => isComplete;

    public static Payload Read(ReadOnlyMemory<byte> body, string? contentType, Func<string, bool>? isSecret = null)
    {
        var bytes = body.Span;
        if (bytes.IsEmpty)
            return new Payload(PayloadKind.Empty, "", [], 0, true);

        var type = contentType?.Split(';', 2)[0].Trim() ?? "";
        var isText = !bytes.Contains((byte)0) && Utf8.IsValid(bytes);
        if (isText && MayBeJson(type, bytes) && JsonPrinter.Print(bytes, MaxText, isSecret, out var isComplete) is { } json)
            return new Payload(PayloadKind.Json, json, [], bytes.Length, isComplete);
        if (isText && type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            return Form(bytes, isSecret);
        if (isText)
        {
            var head = Utf8Text.Head(bytes, MaxText);
            return new Payload(PayloadKind.Text, Encoding.UTF8.GetString(head), [], bytes.Length, head.Length == bytes.Length);
        }

        return new Payload(PayloadKind.Binary, HexDump.Of(bytes[..Math.Min(bytes.Length, MaxHex)]), [], bytes.Length,
            bytes.Length <= MaxHex);
    }

    static bool MayBeJson(string type, ReadOnlySpan<byte> bytes)
    {
        if (type.EndsWith("json", StringComparison.OrdinalIgnoreCase))
            return true;
        var start = bytes.TrimStart(" \t\r\n"u8);
        return !start.IsEmpty && start[0] is (byte)'{' or (byte)'[';
    }

    static Payload Form(ReadOnlySpan<byte> bytes, Func<string, bool>? isSecret)
    {
        var head = Utf8Text.Head(bytes, MaxText);
        var fields = new List<KeyValuePair<string, string>>();
        var parts = Encoding.UTF8.GetString(head).Split('&', MaxFields + 1);
        foreach (var part in parts.Take(MaxFields))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? part : part[..equals]);
            fields.Add(KeyValuePair.Create(name, isSecret?.Invoke(name) == true ? "••• hidden" : equals < 0 ? ""
                : Decode(part[(equals + 1)..])));
        }

        return new Payload(PayloadKind.Form, "", fields, bytes.Length, head.Length == bytes.Length && parts.Length <= MaxFields);
    }

    static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
