using MassTransit.RedisTransport.Dashboard.Markup;
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
