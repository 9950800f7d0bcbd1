namespace MassTransit.Webhooks;

/// <summary>A webhook that was given up, and how it came to that.</summary>
public sealed record WebhookDeadLetter
{
    /// <summary>Names it within its queue: what replay and purge take.</summary>
    public string Key { get; init; } = "";

    /// <summary>The dead-letter queue it lies in.</summary>
    public string Queue { get; init; } = "";

    /// <summary>The queue it came from, and to which a replay puts it back.</summary>
    public string OriginalQueue { get; init; } = "";

    /// <summary>The webhook; <c>null</c> where the message cannot be read as one. <see cref="MessageBody"/> is there all the same.</summary>
    public Webhook? Webhook { get; init; }

    /// <summary>The message's id.</summary>
    public Guid MessageId { get; init; }

    /// <summary>0 to 255, higher is more urgent. A replay keeps it.</summary>
    public int Priority { get; init; }

    /// <summary>Why it is here, in a word: <c>fault</c>, <c>max-delivery-count</c>, <c>unreadable</c>, …</summary>
    public string? Reason { get; init; }

    /// <summary>The full name of the exception's type; <c>null</c> where none was thrown.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The exception's message, or the reason the processor gave (<see cref="WebhookResult.Fail"/>).</summary>
    public string? FaultMessage { get; init; }

    /// <summary>The exception's stack trace.</summary>
    public string? StackTrace { get; init; }

    /// <summary>How often it was tried in its last delivery: 1, and its retries in memory. 0 where it never reached a processor.</summary>
    public int Attempts { get; init; }

    /// <summary>How often it was redelivered later before it was given up.</summary>
    public int Redeliveries { get; init; }

    /// <summary>How often it was replayed before.</summary>
    public int Replays { get; init; }

    /// <summary>When it failed first, by the clock of the processor's machine; <c>null</c> where it never reached a processor.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it failed last, by the clock of the processor's machine; <c>null</c> where it never reached a processor.</summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>When it came into the dead-letter queue, by the server's clock.</summary>
    public DateTimeOffset DeadSince { get; init; }

    /// <summary>The trace it belongs to; <c>null</c> where it was not traced.</summary>
    public string? TraceId { get; init; }

    /// <summary>The transport's headers, names without regard to case.</summary>
    public IReadOnlyDictionary<string, object> Headers { get; init; } = new Dictionary<string, object>();

    /// <summary>The message as it lies in the queue, envelope included.</summary>
    public ReadOnlyMemory<byte> MessageBody { get; init; }
}

/// <summary>Some of the dead letters of a queue.</summary>
public sealed record WebhookDeadLetterPage
{
    /// <summary>The most urgent first, then the oldest. There may be fewer than asked for, none even, while <see cref="Next"/> goes on.</summary>
    public IReadOnlyList<WebhookDeadLetter> Entries { get; init; } = [];

    /// <summary>Continues behind this page: give it to the next call. <c>null</c>: there are no more.</summary>
    public string? Next { get; init; }
}

/// <summary>A dead-letter queue.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="OriginalQueue">The processor's queue.</param>
/// <param name="Count">How many lie in it.</param>
public sealed record WebhookDeadLetterQueue(string Queue, string OriginalQueue, long Count);

/// <summary>Which dead letters are meant: those for which all that is set holds. Nothing set means all.</summary>
public sealed record WebhookDeadLetterFilter
{
    /// <summary>The receiver that took it in, without regard to case. Default: any.</summary>
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

    /// <summary>Those dead at least this long, by the server's clock. Default: any.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Those dead no longer than this, by the server's clock. Default: any.</summary>
    public TimeSpan? YoungerThan { get; init; }

    /// <summary>True where the filter asks something of the webhook itself, which is in the message's body.</summary>
    internal bool HasWebhookConditions => this is not { Receiver: null, EventType: null, Tenant: null, WebhookId: null };

    /// <summary>True where what this filter says of the webhook itself holds; the rest of it is the transport's to test.</summary>
    /// <param name="webhook">The webhook; <c>null</c>, where it could not be read, matches no condition.</param>
    internal bool MatchesWebhook(Webhook? webhook) =>
        (Receiver is null || Receiver.Equals(webhook?.Receiver, StringComparison.OrdinalIgnoreCase))
        && (EventType is null || EventType == webhook?.EventType)
        && (Tenant is null || Tenant == webhook?.Tenant)
        && (WebhookId is null || WebhookId == webhook?.Id);
}
