namespace MassTransit;

/// <summary>A message in a dead-letter queue (<c>…_error</c>, <c>…_skipped</c>), and what is known of how it came there.</summary>
public sealed class RedisDeadLetter
{
    internal RedisDeadLetter()
    {
    }

    /// <summary>Names the message within its queue: what replay and purge take.</summary>
    public required string Key { get; init; }

    /// <summary>The dead-letter queue it lies in.</summary>
    public required string Queue { get; init; }

    /// <summary>The queue it came from, and to which a replay puts it back; empty where an error queue that several share does not say.</summary>
    public required string OriginalQueue { get; init; }

    /// <summary>
    /// False where the record, as the message lies in the server, cannot be read: it is damaged, missing, or was written by a
    /// newer version. <see cref="Body"/> is then the whole record, and a replay puts it back byte for byte.
    /// </summary>
    public bool IsReadable { get; init; }

    /// <summary>The message's id; empty where the record cannot be read.</summary>
    public Guid MessageId { get; init; }

    /// <summary>0 to 255, higher is more urgent. A replay keeps it.</summary>
    public byte Priority { get; init; }

    /// <summary>What the body is, as its sender said. Default: <c>null</c>, where nobody said.</summary>
    public string? ContentType { get; init; }

    /// <summary>The message's types, as URNs; empty where neither envelope nor headers name them.</summary>
    public IReadOnlyList<string> MessageTypes { get; init; } = [];

    /// <summary>Why it is here (<c>MT-Reason</c>): <c>fault</c>, <c>dead-letter</c>, <c>max-delivery-count</c>, <c>unreadable</c>, <c>expired</c>, …</summary>
    public string? Reason { get; init; }

    /// <summary>The full name of the exception's type; <c>null</c> where none was thrown.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The exception's message, or the transport's own explanation.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>The exception's stack trace.</summary>
    public string? StackTrace { get; init; }

    /// <summary>How often the consumer was run again at once (<c>UseMessageRetry</c>), in its last delivery.</summary>
    public int? RetryCount { get; init; }

    /// <summary>How often the message was redelivered later (<c>UseDelayedRedelivery</c>, <c>UseScheduledRedelivery</c>).</summary>
    public int? RedeliveryCount { get; init; }

    /// <summary>How often it had been delivered since it was sent, redelivered or replayed last: above 1 where consumers crashed.</summary>
    public int? DeliveryCount { get; init; }

    /// <summary>How often it was replayed before.</summary>
    public int ReplayCount { get; init; }

    /// <summary>The dead-letter queue it was last replayed from.</summary>
    public string? ReplayedFrom { get; init; }

    /// <summary>
    /// When it failed first, by the clock of the consumer's process: kept through redeliveries. For a message that never was
    /// redelivered, when its retries in memory were over. <c>null</c> where it never reached a consumer.
    /// </summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it failed last, by the clock of the consumer's process; <c>null</c> where it never reached a consumer.</summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>When it came into this queue, by the server's clock.</summary>
    public DateTimeOffset DeadSince { get; init; }

    /// <summary>The activity that sent it, or moved it here where that was traced (<c>MT-Activity-Id</c>, W3C form).</summary>
    public string? ActivityId { get; init; }

    /// <summary>The trace it belongs to: the middle of <see cref="ActivityId"/>.</summary>
    public string? TraceId { get; init; }

    /// <summary>All transport headers, names without regard to case.</summary>
    public required IReadOnlyDictionary<string, object> Headers { get; init; }

    /// <summary>The body, byte for byte.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
