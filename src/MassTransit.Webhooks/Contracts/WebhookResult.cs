using System.Collections.ObjectModel;

namespace MassTransit.Webhooks;

/// <summary>What is to become of a webhook after a processor has seen it.</summary>
public enum WebhookStatus
{
    /// <summary>Done: it leaves the queue.</summary>
    Succeeded,

    /// <summary>Not done: it is tried again, by the processor's retry and redelivery, then dead-lettered.</summary>
    Retry,

    /// <summary>Will never succeed: it is dead-lettered at once.</summary>
    Failed,

    /// <summary>Not wanted: it leaves the queue without being processed.</summary>
    Discarded,
}

/// <summary>A processor's answer for one webhook.</summary>
public sealed record WebhookResult
{
    /// <summary>What is to become of the webhook.</summary>
    public WebhookStatus Status { get; private init; }

    /// <summary>Why, for everything but success. Ends in the log and in the dead letter: keep secrets out of it.</summary>
    public string? Reason { get; private init; }

    /// <summary>When to try again; <c>null</c>: as the processor's retry and redelivery say.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The exception a retry or a failure stands for, if there was one.</summary>
    public Exception? Exception { get; private init; }

    /// <summary>What the processor answers, for whoever asked (<see cref="WebhookReply"/>). Default: nothing.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Headers of the answer, such as its content type. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// How long this webhook took. Default: <c>null</c>, the time of its batch; a processor that knows better says so, and
    /// replies (<see cref="WebhookReply.ProcessingTime"/>) are the more exact.
    /// </summary>
    public TimeSpan? ProcessingTime { get; init; }

    /// <summary>Done.</summary>
    /// <returns>The result.</returns>
    public static WebhookResult Success() => Succeeded;

    /// <summary>Done, and this is the answer, for a sender that waits for one (<c>IRequestClient&lt;Webhook&gt;</c>).</summary>
    /// <param name="body">The answer's body.</param>
    /// <param name="headers">The answer's headers. Default: none.</param>
    /// <returns>The result.</returns>
    public static WebhookResult Success(ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null) =>
        new() { Status = WebhookStatus.Succeeded, Body = body, Headers = headers ?? ReadOnlyDictionary<string, string>.Empty };

    /// <summary>Not done: try again.</summary>
    /// <param name="after">When: the webhook is redelivered after this time, by the transport's delay, which counts as a redelivery. <c>null</c>: as configured.</param>
    /// <param name="reason">Why.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static WebhookResult Retry(TimeSpan? after = null, string? reason = null)
    {
        if (after is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(after));
        return new WebhookResult { Status = WebhookStatus.Retry, RetryAfter = after, Reason = reason };
    }

    /// <summary>Will never succeed: dead-letter it without trying again.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>The result.</returns>
    public static WebhookResult Fail(string reason) => new() { Status = WebhookStatus.Failed, Reason = reason };

    /// <summary>Not wanted: drop it.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>The result.</returns>
    public static WebhookResult Discard(string reason) => new() { Status = WebhookStatus.Discarded, Reason = reason };

    /// <summary>What an exception from a processor means: try again.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>The result.</returns>
    public static WebhookResult FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new WebhookResult { Status = WebhookStatus.Retry, Reason = exception.Message, Exception = exception };
    }

    static readonly WebhookResult Succeeded = new() { Status = WebhookStatus.Succeeded };
}
