using System.Collections.ObjectModel;

namespace MassTransit.Webhooks;

/// <summary>What happens to a webhook after a processor has processed it.</summary>
public enum WebhookStatus
{
    /// <summary>It is done and leaves the queue.</summary>
    Succeeded,

    /// <summary>
    /// It is not done. It is tried again by the processor's retry and redelivery, and dead-lettered after the last attempt.
    /// </summary>
    Retry,

    /// <summary>It will never succeed and is dead-lettered at once.</summary>
    Failed,

    /// <summary>It is not wanted and leaves the queue unprocessed.</summary>
    Discarded,
}

/// <summary>A processor's result for one webhook.</summary>
public sealed record WebhookResult
{
    /// <summary>What happens to the webhook.</summary>
    public WebhookStatus Status { get; private init; }

    /// <summary>
    /// The reason, for every status except success. It is written to the log and to the dead letter, so keep secrets out of it.
    /// </summary>
    public string? Reason { get; private init; }

    /// <summary>The delay of the next attempt; <c>null</c> for that of the processor's retry and redelivery.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The exception behind a retry or a failure, if there was one.</summary>
    public Exception? Exception { get; private init; }

    /// <summary>The answer to a sender that waits for one (<see cref="WebhookReply"/>). Default: empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The headers of the answer, such as its content type. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// How long this webhook took. Default: <c>null</c>, the time of its batch. A processor that measures each webhook can set it, to make
    /// replies (<see cref="WebhookReply.ProcessingTime"/>) more exact.
    /// </summary>
    public TimeSpan? ProcessingTime { get; init; }

    /// <summary>The webhook is done.</summary>
    /// <returns>The result.</returns>
    public static WebhookResult Success() => Succeeded;

    /// <summary>The webhook is done, with an answer for a sender that waits for one (<c>IRequestClient&lt;Webhook&gt;</c>).</summary>
    /// <param name="body">The answer's body.</param>
    /// <param name="headers">The answer's headers. Default: none.</param>
    /// <returns>The result.</returns>
    public static WebhookResult Success(ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null) =>
        new() { Status = WebhookStatus.Succeeded, Body = body, Headers = headers ?? ReadOnlyDictionary<string, string>.Empty };

    /// <summary>The webhook is not done and is tried again.</summary>
    /// <param name="after">
    /// The time after which the webhook is redelivered by the transport's delay; this counts as a redelivery. <c>null</c>: as configured.
    /// </param>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static WebhookResult Retry(TimeSpan? after = null, string? reason = null)
    {
        if (after is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(after));
        return new WebhookResult { Status = WebhookStatus.Retry, RetryAfter = after, Reason = reason };
    }

    /// <summary>The webhook will never succeed and is dead-lettered without another attempt.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    public static WebhookResult Fail(string reason) => new() { Status = WebhookStatus.Failed, Reason = reason };

    /// <summary>The webhook is not wanted and is dropped.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    public static WebhookResult Discard(string reason) => new() { Status = WebhookStatus.Discarded, Reason = reason };

    /// <summary>The result of an exception from a processor: the webhook is tried again.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>The result.</returns>
    public static WebhookResult FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new WebhookResult { Status = WebhookStatus.Retry, Reason = exception.Message, Exception = exception };
    }

    static readonly WebhookResult Succeeded = new() { Status = WebhookStatus.Succeeded };
}
