namespace MassTransit;

/// <summary>
/// What operators have set for a queue. It is kept in the queue itself, so restarts and deploys do not change it; deleting the queue
/// deletes it.
/// </summary>
public sealed class RedisQueueControl
{
    internal RedisQueueControl()
    {
    }

    /// <summary>The queue's name.</summary>
    public required string Queue { get; init; }

    /// <summary>True if no message of the queue begins now in any process.</summary>
    public bool IsPaused { get; init; }

    /// <summary>When the pause began, by the server's clock; <c>null</c> if the queue is not paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>When the pause ends by itself, by the server's clock; <c>null</c>: not before it is resumed.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Who has paused it last. Any text: encode it for where it is shown.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why it was paused, if that was said. Any text: encode it for where it is shown.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// How many messages may be leased in all processes together; <c>null</c>: any number. Up to 255 more are, because a bundle is leased
    /// as a whole.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>How many messages may begin in a second in all processes together; <c>null</c>: any number.</summary>
    public int? Rate { get; init; }

    /// <summary>How many workers each process may have; <c>null</c>: as its code says.</summary>
    public int? Workers { get; init; }

    /// <summary>Grows with every change; 0 if nothing was ever set. Receivers report the version that they obey.</summary>
    public long Version { get; init; }

    /// <summary>When the last change was made, by the server's clock; <c>null</c> if there was none.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Who has made the last change. Any text: encode it for where it is shown.</summary>
    public string? ChangedBy { get; init; }
}

/// <summary>How far a pause has come: whether every receiver obeys it, and whether the messages that had begun have ended.</summary>
public sealed class RedisPauseProgress
{
    internal RedisPauseProgress()
    {
    }

    /// <summary>The pause. It may have been ended meanwhile.</summary>
    public required RedisQueueControl Control { get; init; }

    /// <summary>Messages that had begun and have not ended.</summary>
    public long Leased { get; init; }

    /// <summary>How many receivers are known to live (<see cref="IRedisQueues.ListReceiversAsync"/>).</summary>
    public int Receivers { get; init; }

    /// <summary>How many of them have said that they obey.</summary>
    public int Obeying { get; init; }

    /// <summary>
    /// The names of the others: those that have not said it yet, and those of versions that do not understand a pause. A version that does
    /// not even say that it lives is named by what it does.
    /// </summary>
    public IReadOnlyList<string> NotObeying { get; init; } = [];

    /// <summary>
    /// True if the queue is paused, no message is leased any more, and no receiver is known that does not obey. Then nothing of the queue
    /// is at work anywhere. It takes two seconds at least, in which a receiver that does not obey shows itself.
    /// </summary>
    public bool Done { get; init; }
}
