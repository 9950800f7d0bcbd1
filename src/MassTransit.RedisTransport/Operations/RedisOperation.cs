namespace MassTransit;

/// <summary>What an operation does.</summary>
public enum RedisOperationKind
{
    /// <summary>It moves dead letters back to their queues.</summary>
    Replay,

    /// <summary>It deletes dead letters.</summary>
    Purge,
}

/// <summary>How far an operation is.</summary>
public enum RedisOperationState
{
    /// <summary>It goes on, or waits for a process that works on it.</summary>
    Running,

    /// <summary>The canary is replayed, and the operation looks whether it fails again.</summary>
    Canary,

    /// <summary>It waits because too many messages wait in the target queue, or because that queue is paused.</summary>
    Waiting,

    /// <summary>Somebody has paused it.</summary>
    Paused,

    /// <summary>Its brake has stopped it: too many of the replayed messages are dead again.</summary>
    Stopped,

    /// <summary>Somebody has cancelled it.</summary>
    Cancelled,

    /// <summary>It has done all.</summary>
    Done,

    /// <summary>It cannot go on: <see cref="RedisOperation.Because"/> says why.</summary>
    Failed,
}

/// <summary>An operation on the dead letters of a queue.</summary>
public sealed class RedisOperation
{
    internal RedisOperation()
    {
    }

    /// <summary>Its id: the queue's name, a tilde and 12 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>What it does.</summary>
    public RedisOperationKind Kind { get; init; }

    /// <summary>The dead-letter queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Which dead letters it is about, in words.</summary>
    public required string Selection { get; init; }

    /// <summary>The failure group that it is about; <c>null</c> if it is about others too.</summary>
    public string? Group { get; init; }

    /// <summary>How far it is.</summary>
    public RedisOperationState State { get; init; }

    /// <summary>True if it has ended, in whatever way.</summary>
    public bool HasEnded => State >= RedisOperationState.Stopped;

    /// <summary>Why it waits, was stopped or has failed; <c>null</c> if it has nothing to say.</summary>
    public string? Because { get; init; }

    /// <summary>How many messages it was about when it was started; <c>null</c> if its filter must read them to know.</summary>
    public long? Total { get; init; }

    /// <summary>How many messages it has looked at, with those that the filter does not select.</summary>
    public long Looked { get; init; }

    /// <summary>
    /// How many messages it has replayed or deleted. Exact, also if a reply of the server was lost or a process has died.
    /// </summary>
    public long Done { get; init; }

    /// <summary>How many messages were gone when their turn came: replayed, deleted or leased by somebody else.</summary>
    public long Missing { get; init; }

    /// <summary>How many of the replayed messages are dead letters again. It is counted on after the operation has ended.</summary>
    public long FailedAgain { get; init; }

    /// <summary>How many of the deleted messages are in the trash.</summary>
    public long InTrash { get; init; }

    /// <summary>Messages per second; <c>null</c>: as fast as possible.</summary>
    public int? Rate { get; init; }

    /// <summary>The size of the canary; 0: none.</summary>
    public int Canary { get; init; }

    /// <summary>The percentage of the brake; <c>null</c>: it has none.</summary>
    public int? Brake { get; init; }

    /// <summary>Who has started it.</summary>
    public required string By { get; init; }

    /// <summary>Why, in that one's words.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was started, by the server's clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When something last changed, by the server's clock.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The process that works on it, as <c>host/pid</c>; <c>null</c> if none does.</summary>
    public string? Owner { get; init; }

    /// <summary>How often another process went on with it, because the one before had died or stopped.</summary>
    public int TakenOver { get; init; }
}

/// <summary>What an operation would do.</summary>
public sealed class RedisSelectionPreview
{
    internal RedisSelectionPreview()
    {
    }

    /// <summary>How many messages match now. New ones are not included when the operation is started.</summary>
    public long Count { get; init; }

    /// <summary>
    /// False if the filter has looked at a part of the queue only, at <see cref="Looked"/> of <see cref="Queued"/>: there may be more
    /// matches. It looks at 10,000 dead letters, or at 100,000 if it names a failure group or a text, and for 2 seconds at most.
    /// </summary>
    public bool IsCountExact { get; init; }

    /// <summary>How many dead letters were looked at, of <see cref="Queued"/>.</summary>
    public long Looked { get; init; }

    /// <summary>How many messages are in the dead-letter queue.</summary>
    public long Queued { get; init; }

    /// <summary>When the oldest of those looked at came into the queue; <c>null</c> if none matches.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>When the newest of those looked at came into the queue; <c>null</c> if none matches.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Up to three of them.</summary>
    public IReadOnlyList<RedisDeadLetter> Samples { get; init; } = [];

    /// <summary>
    /// How many of them a purge could put into the trash: 0 while the server uses more than 80 % of its memory, and no more than fit.
    /// </summary>
    public long Restorable { get; init; }

    /// <summary>
    /// The id of an operation on the queue that has not ended, so that no other can be started; <c>null</c> if there is none.
    /// </summary>
    public string? Running { get; init; }
}
