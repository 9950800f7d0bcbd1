namespace MassTransit.Webhooks;

/// <summary>A webhook that has failed for good, and its history.</summary>
public sealed record WebhookDeadLetter
{
    /// <summary>The key within its queue, for replay and purge.</summary>
    public string Key { get; init; } = "";

    /// <summary>The dead-letter queue that it is in.</summary>
    public string Queue { get; init; } = "";

    /// <summary>The queue that it came from, to which a replay moves it back.</summary>
    public string OriginalQueue { get; init; } = "";

    /// <summary>The webhook; <c>null</c> if the message cannot be read as one. <see cref="MessageBody"/> is set in any case.</summary>
    public Webhook? Webhook { get; init; }

    /// <summary>The message's id.</summary>
    public Guid MessageId { get; init; }

    /// <summary>0 to 255; a higher one is more urgent. A replay keeps it.</summary>
    public int Priority { get; init; }

    /// <summary>The reason in one word: <c>fault</c>, <c>max-delivery-count</c>, <c>unreadable</c>, …</summary>
    public string? Reason { get; init; }

    /// <summary>The full name of the exception's type; <c>null</c> if none was thrown.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The exception's message, or the reason the processor gave (<see cref="WebhookResult.Fail"/>).</summary>
    public string? FaultMessage { get; init; }

    /// <summary>The exception's stack trace.</summary>
    public string? StackTrace { get; init; }

    /// <summary>
    /// How often it was tried in its last delivery: the first attempt and its retries in memory. 0 if it never reached a processor.
    /// </summary>
    public int Attempts { get; init; }

    /// <summary>How often it was redelivered before it failed for good.</summary>
    public int Redeliveries { get; init; }

    /// <summary>How often it was replayed before.</summary>
    public int Replays { get; init; }

    /// <summary>
    /// When it failed for the first time, by the clock of the processor's machine; <c>null</c> if it never reached a processor.
    /// </summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>
    /// When it failed for the last time, by the clock of the processor's machine; <c>null</c> if it never reached a processor.
    /// </summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>When it was moved to the dead-letter queue, by the server's clock.</summary>
    public DateTimeOffset DeadSince { get; init; }

    /// <summary>The trace that it belongs to; <c>null</c> if it was not traced.</summary>
    public string? TraceId { get; init; }

    /// <summary>The transport's headers. Names are compared without regard to case.</summary>
    public IReadOnlyDictionary<string, object> Headers { get; init; } = new Dictionary<string, object>();

    /// <summary>The message as it is stored in the queue, with its envelope.</summary>
    public ReadOnlyMemory<byte> MessageBody { get; init; }
}

/// <summary>A page of the dead letters of a queue.</summary>
public sealed record WebhookDeadLetterPage
{
    /// <summary>
    /// The dead letters, the most urgent first, then the oldest. There may be fewer than the limit, or none, even if <see cref="Next"/> is
    /// set.
    /// </summary>
    public IReadOnlyList<WebhookDeadLetter> Entries { get; init; } = [];

    /// <summary>The cursor for the next page; <c>null</c> if there are no more.</summary>
    public string? Next { get; init; }
}

/// <summary>A dead-letter queue.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="OriginalQueue">The processor's queue. A dead-letter queue that several processors share is listed for each of them.</param>
/// <param name="Count">How many dead letters it holds, of all processors.</param>
public sealed record WebhookDeadLetterQueue(string Queue, string OriginalQueue, long Count);

/// <summary>Selects dead letters that meet all conditions that are set. Without any condition it selects all.</summary>
public sealed record WebhookDeadLetterFilter
{
    /// <summary>The receiver that accepted it, without regard to case. Default: any.</summary>
    public string? Receiver { get; init; }

    /// <summary>The event type, exactly. Default: any.</summary>
    public string? EventType { get; init; }

    /// <summary>The tenant, exactly. Default: any.</summary>
    public string? Tenant { get; init; }

    /// <summary>The sender's id of the webhook, exactly. Default: any.</summary>
    public string? WebhookId { get; init; }

    /// <summary>The exception's type, by its full name or the last part of it, without regard to case. Default: any.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>A part of the fault's message, without regard to case. Default: any.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>Selects webhooks that have been dead letters for at least this long, by the server's clock. Default: any.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Selects webhooks that have been dead letters for at most this long, by the server's clock. Default: any.</summary>
    public TimeSpan? YoungerThan { get; init; }

    /// <summary>True if the filter has a condition on the webhook itself, which is in the message's body.</summary>
    internal bool HasWebhookConditions => this is not { Receiver: null, EventType: null, Tenant: null, WebhookId: null };

    /// <summary>True if the webhook itself meets the conditions on it. The transport tests the other conditions.</summary>
    /// <param name="webhook">The webhook; <c>null</c> if it could not be read. It then meets no condition.</param>
    internal bool MatchesWebhook(Webhook? webhook) =>
        (Receiver is null || Receiver.Equals(webhook?.Receiver, StringComparison.OrdinalIgnoreCase))
        && (EventType is null || EventType == webhook?.EventType)
        && (Tenant is null || Tenant == webhook?.Tenant)
        && (WebhookId is null || WebhookId == webhook?.Id);
}
