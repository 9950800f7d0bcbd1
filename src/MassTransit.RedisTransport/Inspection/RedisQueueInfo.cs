namespace MassTransit;

/// <summary>How a queue stands. Counts are of one moment, counters since the queue was created.</summary>
public sealed class RedisQueueInfo
{
    internal RedisQueueInfo()
    {
    }

    /// <summary>The queue's name.</summary>
    public required string Name { get; init; }

    /// <summary>True for <c>…_error</c>, <c>…_skipped</c> and an error queue with a name of its own: messages can be replayed from here.</summary>
    public bool IsDeadLetterQueue { get; init; }

    /// <summary>Messages a consumer could take now.</summary>
    public long Ready { get; init; }

    /// <summary>Messages whose time has not come.</summary>
    public long Delayed { get; init; }

    /// <summary>Messages that consumers work on.</summary>
    public long Leased { get; init; }

    /// <summary>
    /// Messages in the queue's dead-letter queues together: <c>_error</c>, <c>_skipped</c>, and those with names of their own; of one that
    /// several queues share, all.
    /// </summary>
    public long DeadLetters { get; init; }

    /// <summary>Messages sent, published or moved into it.</summary>
    public long Sent { get; init; }

    /// <summary>Messages consumed.</summary>
    public long Completed { get; init; }

    /// <summary>Messages moved out of it, to a dead-letter queue or back.</summary>
    public long Moved { get; init; }

    /// <summary>Leases that ended before their consumers did: crashes and freezes.</summary>
    public long Reclaimed { get; init; }

    /// <summary>Messages purged.</summary>
    public long Removed { get; init; }

    /// <summary>Scheduled messages cancelled.</summary>
    public long Cancelled { get; init; }
}

/// <summary>A message as it lies in a queue.</summary>
public sealed class RedisQueuedMessage
{
    internal RedisQueuedMessage()
    {
    }

    /// <summary>Names the message within its queue.</summary>
    public required string Key { get; init; }

    /// <summary>False where the record cannot be read; <see cref="Body"/> is then the whole record.</summary>
    public bool IsReadable { get; init; }

    /// <summary>The message's id; empty where the record cannot be read.</summary>
    public Guid MessageId { get; init; }

    /// <summary>0 to 255, higher is more urgent.</summary>
    public byte Priority { get; init; }

    /// <summary>What the body is, as its sender said.</summary>
    public string? ContentType { get; init; }

    /// <summary>The message's types, as URNs; empty where neither envelope nor headers name them.</summary>
    public IReadOnlyList<string> MessageTypes { get; init; } = [];

    /// <summary>When it became, or becomes, available, by the server's clock.</summary>
    public DateTimeOffset AvailableAt { get; init; }

    /// <summary>When its lease ends, by the server's clock, unless it is renewed; <c>null</c> where it is not leased.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>Deliveries that failed so far.</summary>
    public int FailedDeliveries { get; init; }

    /// <summary>All transport headers, names without regard to case.</summary>
    public required IReadOnlyDictionary<string, object> Headers { get; init; }

    /// <summary>The body, byte for byte.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
