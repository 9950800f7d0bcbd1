namespace MassTransit;

/// <summary>The state of a queue. Counts are those of one moment; totals are since the creation of the queue.</summary>
public sealed class RedisQueueInfo
{
    internal RedisQueueInfo()
    {
    }

    /// <summary>The queue's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// True for <c>…_error</c>, <c>…_skipped</c> and error queues with custom names. Messages can be replayed from such a queue.
    /// </summary>
    public bool IsDeadLetterQueue { get; init; }

    /// <summary>Messages that are ready for a consumer.</summary>
    public long Ready { get; init; }

    /// <summary>Messages that are delayed.</summary>
    public long Delayed { get; init; }

    /// <summary>Messages that are leased to consumers.</summary>
    public long Leased { get; init; }

    /// <summary>
    /// Messages in all dead-letter queues of the queue: <c>_error</c>, <c>_skipped</c>, and those with custom names. For a queue that
    /// several share, all its messages are counted.
    /// </summary>
    public long DeadLetters { get; init; }

    /// <summary>
    /// The names of its dead-letter queues that exist: <c>_error</c>, <c>_skipped</c>, and those with custom names that have taken a dead
    /// letter of it.
    /// </summary>
    public IReadOnlyList<string> DeadLetterQueues { get; init; } = [];

    /// <summary>Messages that were sent, published or moved to it.</summary>
    public long Sent { get; init; }

    /// <summary>Messages consumed.</summary>
    public long Completed { get; init; }

    /// <summary>Messages that were moved out of it, to a dead-letter queue or back.</summary>
    public long Moved { get; init; }

    /// <summary>Messages whose leases ended before their consumers did, because of crashes and freezes.</summary>
    public long Reclaimed { get; init; }

    /// <summary>Messages purged.</summary>
    public long Removed { get; init; }

    /// <summary>Scheduled messages cancelled.</summary>
    public long Cancelled { get; init; }

    /// <summary>How long the oldest message that a consumer could take has waited; zero if there is none.</summary>
    public TimeSpan OldestAge { get; init; }

    /// <summary>
    /// How many receivers live (<see cref="IRedisQueues.ListReceiversAsync"/>). Those of queues that delete themselves, and of versions
    /// before this feature, are not counted.
    /// </summary>
    public int Receivers { get; init; }

    /// <summary>When this was read, by the server's clock.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>True if the queue is paused. <see cref="IRedisQueues.GetControlAsync"/> says by whom, why and until when.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many messages may be leased in all processes together; <c>null</c>: any number.</summary>
    public int? Limit { get; init; }

    /// <summary>Grows with every change of what operators set; 0 if nothing was ever set.</summary>
    internal long ControlVersion { get; init; }
}

/// <summary>A message as it is stored in a queue.</summary>
public sealed class RedisQueuedMessage
{
    internal RedisQueuedMessage()
    {
    }

    /// <summary>The key of the message within its queue.</summary>
    public required string Key { get; init; }

    /// <summary>False if the record cannot be read; <see cref="Body"/> is then the whole record.</summary>
    public bool IsReadable { get; init; }

    /// <summary>The message's id; empty if the record cannot be read.</summary>
    public Guid MessageId { get; init; }

    /// <summary>0 to 255; a higher one is more urgent.</summary>
    public byte Priority { get; init; }

    /// <summary>The content type of the body, as its sender has set it.</summary>
    public string? ContentType { get; init; }

    /// <summary>The message's types as URNs; empty if neither the envelope nor the headers name them.</summary>
    public IReadOnlyList<string> MessageTypes { get; init; } = [];

    /// <summary>When it became or will become available, by the server's clock.</summary>
    public DateTimeOffset AvailableAt { get; init; }

    /// <summary>When its lease ends unless it is renewed, by the server's clock; <c>null</c> if it is not leased.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>The number of failed deliveries so far.</summary>
    public int FailedDeliveries { get; init; }

    /// <summary>All transport headers. Finds a header. Names are compared without regard to case.</summary>
    public required IReadOnlyDictionary<string, object> Headers { get; init; }

    /// <summary>The unchanged body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
