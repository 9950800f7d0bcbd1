namespace MassTransit;

/// <summary>
/// Replays and purges many dead letters, as operations that are stored beside the queue: with a rate, a canary and a brake, to be followed,
/// paused and cancelled from any process, and gone on with by another process if the one that works on it dies. Added by
/// <c>AddRedisQueues</c>; worked on by every process with <c>AddRedisOperations</c>, with a dashboard, or with a running
/// <see cref="RunAsync(CancellationToken)"/>.
/// </summary>
/// <remarks>
/// Every method throws <see cref="ArgumentException"/> for a queue that is no dead-letter queue or a text that is no id of an operation,
/// and <see cref="RedisTransportException"/> if the server refuses or does not answer within the send timeout. An act that changes
/// something is written to the audit first, and is not done if that fails.
/// </remarks>
public interface IRedisOperations
{
    /// <summary>Tells what an operation would do, before it is started.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="selection">Which dead letters.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">The selection cannot be stored, or a key or group in it is none.</exception>
    Task<RedisSelectionPreview> PreviewAsync(string queue, RedisSelection selection, CancellationToken cancellationToken = default);

    /// <summary>
    /// Starts moving dead letters back to their queues, as <see cref="IRedisDeadLetters.ReplayAllAsync"/> does, in steps of up to 250. Dead
    /// letters that come later are not included.
    /// </summary>
    /// <param name="request">What, and how fast.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Ends the waiting; the operation may have been started.</param>
    /// <exception cref="ArgumentException">The selection cannot be stored, or a value is out of its range.</exception>
    /// <exception cref="RedisOperationRunningException">Another operation on the queue has not ended.</exception>
    Task<RedisOperation> StartReplayAsync(RedisReplay request, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>Starts deleting dead letters. They lie in the trash for 24 hours, as far as there is room.</summary>
    /// <param name="request">What.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Ends the waiting; the operation may have been started.</param>
    /// <exception cref="ArgumentException">The selection cannot be stored, or a value is out of its range.</exception>
    /// <exception cref="RedisOperationRunningException">Another operation on the queue has not ended.</exception>
    Task<RedisOperation> StartPurgeAsync(RedisPurge request, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>Reads an operation; <c>null</c> if there is none of that id. Those that have ended are kept for 30 days.</summary>
    /// <param name="id">Its <see cref="RedisOperation.Id"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<RedisOperation?> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Lists operations, the newest first, at most 100 of each queue.</summary>
    /// <param name="queue">The dead-letter queue. Default: <c>null</c>, all.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<RedisOperation>> ListAsync(string? queue = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends an operation. A step that has begun is finished, no further one begins in any process. What was replayed or purged stays so.
    /// </summary>
    /// <param name="id">The operation.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The operation after that; one that had ended before is unchanged. <c>null</c> if there is none of that id.</returns>
    Task<RedisOperation?> CancelAsync(string id, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>Lets an operation rest until it is resumed or cancelled.</summary>
    /// <inheritdoc cref="CancelAsync"/>
    Task<RedisOperation?> PauseAsync(string id, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>Lets an operation go on that was paused.</summary>
    /// <inheritdoc cref="CancelAsync"/>
    Task<RedisOperation?> ResumeAsync(string id, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>Changes how fast an operation goes.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="messagesPerSecond">Messages per second, 1 to 100,000; <c>null</c>: as fast as possible.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The operation after that; one that had ended before is unchanged. <c>null</c> if there is none of that id.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of its range.</exception>
    Task<RedisOperation?> SetRateAsync(string id, int? messagesPerSecond, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>
    /// Works on all operations of all queues until it is cancelled, with whoever else does, and groups dead letters that are not grouped
    /// yet. <c>AddRedisOperations</c> calls it. While there is no operation, it reads one key every 2.5 seconds. What is started or
    /// resumed in this process begins at once.
    /// </summary>
    /// <param name="cancellationToken">Stops the work after the current step. Another process goes on with it at once.</param>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Works on one operation until it has ended, or watches the process that does and goes on with it if that one dies.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="progress">Is told about the operation at least once a second.</param>
    /// <param name="cancellationToken">
    /// Stops the work after the current step. The operation has not ended then: any process that works on operations goes on with it.
    /// </param>
    /// <returns>The operation as it has ended; <c>null</c> if there is none of that id.</returns>
    Task<RedisOperation?> RunAsync(string id, IProgress<RedisOperation>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>Another operation on the same dead-letter queue has not ended: there is one at a time.</summary>
public sealed class RedisOperationRunningException : RedisConflictException
{
    internal RedisOperationRunningException(string queue, string running)
        : base($"Operation '{running}' on '{queue}' has not ended. Wait for it, or cancel it: there is one at a time on a queue.") =>
        Running = running;

    /// <summary>The id of the operation that has not ended.</summary>
    public string Running { get; }
}
