using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What a dead letter is called.</summary>
internal static class Letters
{
    public static string TitleOf(RedisDeadLetter letter) =>
        VisibleText.Head(letter.ExceptionType is { Length: > 0 } type ? Tables.ShortType(type) : letter.Reason ?? "no reason given", 120)!;

    public static string TypeOf(RedisDeadLetter letter) =>
        VisibleText.Head(letter.MessageTypes.Count > 0 ? Tables.ShortType(letter.MessageTypes[0]) : "–", 120)!;

    /// <summary>Selects it, in a list within a form.</summary>
    public static Fragment Checkbox(RedisDeadLetter letter) => html => html.Write($"""
        <input type="checkbox" name="key" value="{new ExactText(letter.Key)}"
        aria-label="Select {TitleOf(letter)} of {Formats.Time(letter.DeadSince)}">
        """);

    /// <summary>In its last delivery; 0 if it never reached a consumer.</summary>
    public static int AttemptsOf(RedisDeadLetter letter) => letter.LastFailedAt is null ? 0 : 1 + (letter.RetryCount ?? 0);
}

/// <summary>Dead letters for tools.</summary>
internal static class LetterData
{
    const string Hidden = "••• hidden";
    const int MaxValue = 2_000;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The value of a header, as it is shown.</summary>
    public static string ValueOf(string name, object? value, Func<string, bool> isSecret) => isSecret(name)
        ? Hidden : VisibleText.Head(Convert.ToString(value, CultureInfo.InvariantCulture), MaxValue) ?? "";

    /// <summary>All of it, as a line of JSON.</summary>
    public static ReadOnlyMemory<byte> Line(Described described, BoardSettings settings)
    {
        var letter = described.Letter;
        var body = settings.Redact(described.Body, described.ContentType).Span;
        var isText = Utf8.IsValid(body);
        var line = JsonSerializer.SerializeToUtf8Bytes(new
        {
            Letter = Head(letter),
            letter.StackTrace,
            described.Description?.Values,
            Headers = letter.Headers.Where(x => !x.Key.Equals(MessageHeaders.FaultStackTrace, StringComparison.OrdinalIgnoreCase))
                .ToDictionary(x => x.Key, x => ValueOf(x.Key, x.Value, settings.IsSecretHeader)),
            SentHeaders = described.Description?.Headers.ToDictionary(x => x.Key, x => ValueOf(x.Key, x.Value, settings.IsSecretHeader)),
            BodyType = described.ContentType,
            Body = isText ? Encoding.UTF8.GetString(body) : null,
            BodyBase64 = isText ? null : Convert.ToBase64String(body),
        }, Json);
        return (byte[])[.. line, (byte)'\n'];
    }

    /// <summary>Without body and without the values of headers.</summary>
    public static object Head(RedisDeadLetter x) => new
    {
        x.Key,
        x.Queue,
        x.OriginalQueue,
        x.IsReadable,
        x.MessageId,
        x.Priority,
        x.ContentType,
        x.MessageTypes,
        x.Reason,
        x.ExceptionType,
        FaultMessage = VisibleText.Head(x.FaultMessage, 4_000),
        x.RetryCount,
        x.RedeliveryCount,
        x.DeliveryCount,
        x.ReplayCount,
        x.ReplayedFrom,
        x.FirstFailedAt,
        x.LastFailedAt,
        x.DeadSince,
        x.TraceId,
        Size = x.Body.Length,
    };
}
