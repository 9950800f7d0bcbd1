namespace MassTransit;

/// <summary>A message in a dead-letter queue (<c>…_error</c>, <c>…_skipped</c>), with what is known about its failure.</summary>
public sealed class RedisDeadLetter
{
    internal RedisDeadLetter()
    {
    }

    /// <summary>The key of the message within its queue, for replay and purge.</summary>
    public required string Key { get; init; }

    /// <summary>The dead-letter queue that it is in.</summary>
    public required string Queue { get; init; }

    /// <summary>
    /// The queue that it came from, to which a replay moves it back. It is empty if the message is in a shared error queue and does not
    /// name it.
    /// </summary>
    public required string OriginalQueue { get; init; }

    /// <summary>
    /// False if the stored record cannot be read, because it is damaged, missing, or was written by a newer version. <see cref="Body"/> is
    /// then the whole record, and a replay moves it back unchanged.
    /// </summary>
    public bool IsReadable { get; init; }

    /// <summary>The message's id; empty if the record cannot be read.</summary>
    public Guid MessageId { get; init; }

    /// <summary>0 to 255; a higher one is more urgent. A replay keeps it.</summary>
    public byte Priority { get; init; }

    /// <summary>The content type of the body, as its sender has set it. Default: <c>null</c>, if the sender has set none.</summary>
    public string? ContentType { get; init; }

    /// <summary>The message's types as URNs; empty if neither the envelope nor the headers name them.</summary>
    public IReadOnlyList<string> MessageTypes { get; init; } = [];

    /// <summary>
    /// The reason (<c>MT-Reason</c>): <c>fault</c>, <c>dead-letter</c>, <c>max-delivery-count</c>, <c>unreadable</c>, <c>expired</c>, …
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>The full name of the exception's type; <c>null</c> if none was thrown.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The exception's message, or the transport's own explanation.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>The exception's stack trace.</summary>
    public string? StackTrace { get; init; }

    /// <summary>How often the consumer was retried in memory (<c>UseMessageRetry</c>) in its last delivery.</summary>
    public int? RetryCount { get; init; }

    /// <summary>How often the message was redelivered later (<c>UseDelayedRedelivery</c>, <c>UseScheduledRedelivery</c>).</summary>
    public int? RedeliveryCount { get; init; }

    /// <summary>
    /// How often it was delivered since it was last sent, redelivered or replayed. It is above 1 if consumers have crashed.
    /// </summary>
    public int? DeliveryCount { get; init; }

    /// <summary>How often it was replayed before.</summary>
    public int ReplayCount { get; init; }

    /// <summary>The dead-letter queue it was last replayed from.</summary>
    public string? ReplayedFrom { get; init; }

    /// <summary>
    /// When it failed for the first time, by the clock of the consumer's process. Redeliveries keep it. For a message that was never
    /// redelivered it is the time when its retries in memory had ended. <c>null</c> if it never reached a consumer.
    /// </summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>
    /// When it failed for the last time, by the clock of the consumer's process; <c>null</c> if it never reached a consumer.
    /// </summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>When it was moved to this queue, by the server's clock.</summary>
    public DateTimeOffset DeadSince { get; init; }

    /// <summary>The activity that sent it, or that moved it here if that was traced (<c>MT-Activity-Id</c>, W3C form).</summary>
    public string? ActivityId { get; init; }

    /// <summary>The trace that it belongs to, which is the middle part of <see cref="ActivityId"/>.</summary>
    public string? TraceId { get; init; }

    /// <summary>All transport headers. Finds a header. Names are compared without regard to case.</summary>
    public required IReadOnlyDictionary<string, object> Headers { get; init; }

    /// <summary>The unchanged body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// The whole stored record, headers and body, as <see cref="IRedisDeadLetters.ImportAsync"/> takes it. It is empty if the record is
    /// missing.
    /// </summary>
    public ReadOnlyMemory<byte> Record { get; init; }
}
