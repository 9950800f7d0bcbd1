namespace MassTransit;

/// <summary>
/// What is wrong now, in sentences: the server, queues without receivers or with old messages, dead letters, pauses, receivers that have
/// crashed or do not obey. The health checks judge by the same rules. Added by <c>AddRedisQueues</c>, and a part of
/// <see cref="RedisAdministration"/>.
/// </summary>
public interface IRedisFindings
{
    /// <summary>
    /// Looks at the server and at every queue. It costs one call a queue, and two more for a queue with something to look at; none scans
    /// messages. If Redis cannot be asked, that is the only finding.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The findings, the worst first; empty if nothing is wrong.</returns>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    Task<IReadOnlyList<RedisFinding>> CheckAsync(CancellationToken cancellationToken = default);
}

/// <summary>One thing that is wrong. Names in its texts come from processes and operators: show them as text.</summary>
public sealed record RedisFinding
{
    /// <summary>Which rule has found it, for example <c>queue-unattended</c>: one of <see cref="RedisFindingIds"/>.</summary>
    public required string Id { get; init; }

    /// <summary>How bad it is.</summary>
    public required RedisFindingSeverity Severity { get; init; }

    /// <summary>The queue that it is about; <c>null</c>: the server.</summary>
    public string? Queue { get; init; }

    /// <summary>
    /// The queue in which most of the dead letters lie that it is about; <c>null</c> if it is about none, or that is not known.
    /// </summary>
    public string? DeadLetterQueue { get; init; }

    /// <summary>The id of the operation that it is about; <c>null</c> if it is about none.</summary>
    public string? Operation { get; init; }

    /// <summary>What is wrong, with figures, in one line.</summary>
    public required string Sentence { get; init; }

    /// <summary>Since when, by the server's clock; <c>null</c> if that is not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Cure { get; init; }

    /// <summary>The line of the command line tool that shows more or mends it; <c>null</c> if there is none.</summary>
    public string? Command { get; init; }

    /// <summary>Sentence and cure in one, as the health checks report it.</summary>
    internal string Complaint => $"{Sentence} {Cure}";
}

/// <summary>How bad a finding is. The names of the last two are those of the health checks.</summary>
public enum RedisFindingSeverity
{
    /// <summary>Worth knowing; nothing suffers.</summary>
    Note,

    /// <summary>Something suffers or will.</summary>
    Degraded,

    /// <summary>Messages are not processed at all.</summary>
    Unhealthy,
}

/// <summary>The rules of findings, by the names in <see cref="RedisFinding.Id"/>.</summary>
public static class RedisFindingIds
{
    /// <summary>Redis does not answer, or refuses the credentials.</summary>
    public const string RedisAway = "redis-away";

    /// <summary>The server may delete messages when its memory is full.</summary>
    public const string ServerEvicts = "server-evicts";

    /// <summary>The server keeps nothing on disk.</summary>
    public const string ServerForgets = "server-forgets";

    /// <summary>The server's last write to disk has failed.</summary>
    public const string ServerWriteFailed = "server-write-failed";

    /// <summary>Fewer replicas are in step than wanted.</summary>
    public const string ServerReplicas = "server-replicas";

    /// <summary>The server goes on confirming when it is cut off.</summary>
    public const string ServerMinReplicas = "server-min-replicas";

    /// <summary>More than nine tenths of <c>maxmemory</c> are used.</summary>
    public const string ServerMemory = "server-memory";

    /// <summary>Messages wait, and nobody receives.</summary>
    public const string QueueUnattended = "queue-unattended";

    /// <summary>More messages wait than <see cref="RedisHealthOptions.MaxReady"/>.</summary>
    public const string QueueBacklog = "queue-backlog";

    /// <summary>The oldest message has waited for more than five minutes, and it gets worse.</summary>
    public const string QueueLate = "queue-late";

    /// <summary>There are more dead letters than <see cref="RedisHealthOptions.MaxDeadLetters"/>.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>Dead letters have become more in the last ten minutes.</summary>
    public const string DeadLettersRising = "dead-letters-rising";

    /// <summary>A queue has been paused for more than 15 minutes.</summary>
    public const string QueuePaused = "queue-paused";

    /// <summary>A limit, a rate or a number of workers is set that differs from the code.</summary>
    public const string QueueOverridden = "queue-overridden";

    /// <summary>A receiver does not obey what operators have set.</summary>
    public const string ReceiverDisobeys = "receiver-disobeys";

    /// <summary>Messages were taken back from receivers that have crashed or were frozen.</summary>
    public const string LeasesReclaimed = "leases-reclaimed";

    /// <summary>A receiver was not stopped and is not heard of any more.</summary>
    public const string ReceiverVanished = "receiver-vanished";

    /// <summary>An operation on dead letters has stopped itself, because what it replayed failed again.</summary>
    public const string OperationStopped = "operation-stopped";

    /// <summary>All workers of a queue are busy and batches wait for them.</summary>
    public const string WorkersBusy = "workers-busy";
}
