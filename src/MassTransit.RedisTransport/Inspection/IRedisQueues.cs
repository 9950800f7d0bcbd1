namespace MassTransit;

/// <summary>
/// Inspects the queues of a bus on Redis, pauses and limits them. Lists are read from counters, so they cost a busy queue nothing. Added by
/// <c>AddRedisQueues</c>.
/// </summary>
/// <remarks>
/// Every method throws <see cref="ArgumentException"/> for a text that is no queue name, and <see cref="RedisTransportException"/> if the
/// server refuses or does not answer within the send timeout.
/// </remarks>
public interface IRedisQueues
{
    /// <summary>
    /// Lists all queues by name, including dead-letter queues. Temporary queues are listed only if something was sent to them.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<RedisQueueInfo>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the given queues in the given order, without those that do not exist. It costs two round trips, however many other queues
    /// there are.
    /// </summary>
    /// <param name="queues">Their names.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<RedisQueueInfo>> ListAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken = default);

    /// <summary>Reads one queue.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="RedisQueueNotFoundException">The queue does not exist.</exception>
    Task<RedisQueueInfo> GetAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Lists the queues by name that a published message of the type reaches now, including temporary ones.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<string>> ListSubscribersAsync<T>(CancellationToken cancellationToken = default)
        where T : class;

    /// <summary>Reads messages without leasing them, in the order of their delivery, due time or lease end.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="state">The state of the messages.</param>
    /// <param name="offset">How many messages to skip. It is not exact while the queue changes.</param>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 20.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset or the limit is out of its range, or the state is not valid.</exception>
    /// <exception cref="RedisQueueNotFoundException">The queue does not exist.</exception>
    Task<IReadOnlyList<RedisQueuedMessage>> PeekAsync(string queue, RedisMessageState state = RedisMessageState.Ready, int offset = 0,
        int limit = 20,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes all messages that wait or are delayed now, in bounded steps. Leased messages are not deleted.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops the purge after the current step.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="RedisQueueNotFoundException">The queue does not exist.</exception>
    Task<long> PurgeAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a queue with all its messages, including leased ones, and removes it from every topic, so that a publish does not create it
    /// again. Its dead-letter queues are not deleted. Stop its endpoints and senders first: a running endpoint subscribes the queue again,
    /// and a send to the queue creates it again.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RedisQueueNotFoundException">The queue does not exist.</exception>
    Task DeleteAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the receivers that were heard of in the last ten minutes, by queue and machine: which process receives from which queue, how
    /// much it holds and how fast it is.
    /// </summary>
    /// <param name="queue">Only those of this queue; <c>null</c>: of all queues, with one call for each.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<IReadOnlyList<RedisReceiver>> ListReceiversAsync(string? queue = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the figures that a queue had in each of the last minutes, the oldest first. Its receivers keep them, also while nobody looks;
    /// without a receiver there are none.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="back">How far back, 1 minute to 24 hours. Default: 24 hours.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is out of its range.</exception>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<IReadOnlyList<RedisQueueMinute>> GetHistoryAsync(string queue, TimeSpan? back = null,
        CancellationToken cancellationToken = default);

    /// <summary>Reads what operators have set for a queue: a pause, a limit, a rate, the number of workers.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> GetControlAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Pauses a queue: within a second no message of it begins in any process, and messages that were fetched and have not begun go back to
    /// their places, with no delivery counted. Those that have begun end. Sends are accepted and wait.
    /// </summary>
    /// <remarks>
    /// The pause is kept in the queue: restarts and deploys do not end it. Due times, times to live and leases go on meanwhile. Receivers
    /// of a version before this feature do not obey. A queue that is paused already stays paused since when it was; the last call decides
    /// who, why and until when.
    /// </remarks>
    /// <param name="queue">The queue.</param>
    /// <param name="by">Who pauses it, and why.</param>
    /// <param name="duration">
    /// After which time the pause ends by itself, by the server's clock, up to 365 days. Default: <c>null</c>, not before it is resumed.
    /// </param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The state before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The duration is not between 0 and 365 days.</exception>
    /// <exception cref="RedisConflictException">The queue deletes itself (<c>AutoDeleteOnIdle</c>, response queues).</exception>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> PauseAsync(string queue, RedisActor by, TimeSpan? duration = null,
        CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of a queue. Its receivers go on at once, or within a second. Does nothing if it is not paused.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="by">Who resumes it, and why.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The state before.</returns>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> ResumeAsync(string queue, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>
    /// Limits how many messages of a queue are leased in all processes together. A bundle is leased as a whole, so up to 255 more are.
    /// While a limit is set receivers fetch no more than they can begin.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="limit">How many, 1 to 1,000,000; <c>null</c>: any number.</param>
    /// <param name="by">Who sets it, and why.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The state before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not between 1 and 1,000,000.</exception>
    /// <exception cref="RedisConflictException">The queue deletes itself.</exception>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> SetLimitAsync(string queue, int? limit, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>
    /// Limits how many messages of a queue begin in a second in all processes together, by the server's clock. Up to a tenth of a second's
    /// worth may begin at once; a bundle begins as a whole, and the following wait longer.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="messagesPerSecond">How many, 1 to 1,000,000; <c>null</c>: any number.</param>
    /// <param name="by">Who sets it, and why.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The state before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not between 1 and 1,000,000.</exception>
    /// <exception cref="RedisConflictException">The queue deletes itself.</exception>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> SetRateAsync(string queue, int? messagesPerSecond, RedisActor by,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Sets how many workers each process has for a queue: the workers of a webhook processor (with <c>AutoScale</c> its maximum), or the
    /// messages that another endpoint consumes at a time (<c>ConcurrentMessageLimit</c>). A process goes up to a ceiling in its code, by
    /// default four times what it is configured for.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="workers">How many, 1 to 1,000,000; <c>null</c>: as the code says.</param>
    /// <param name="by">Who sets it, and why.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The state before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is not between 1 and 1,000,000. To stop all, pause the queue.</exception>
    /// <exception cref="RedisConflictException">The queue deletes itself.</exception>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> SetWorkersAsync(string queue, int? workers, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>Removes limit, rate and workers, so that what the code says holds again. A pause is not touched.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="by">Who resets them, and why.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The state before.</returns>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisQueueControl> ResetControlAsync(string queue, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until a paused queue is at rest: what had begun has ended, and every known receiver obeys. It ends early if the queue is not
    /// paused, or no longer.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="timeout">How long to wait; zero: only look.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>How far it has come; <see cref="RedisPauseProgress.Done"/> says whether it is at rest.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<RedisPauseProgress> WaitForPauseAsync(string queue, TimeSpan timeout, CancellationToken cancellationToken = default);
}

/// <summary>The state of a message in a queue.</summary>
public enum RedisMessageState
{
    /// <summary>It waits for a consumer.</summary>
    Ready = 1,

    /// <summary>It waits for its time, because it was scheduled or is redelivered later.</summary>
    Delayed = 2,

    /// <summary>It is leased to a consumer.</summary>
    Leased = 3,
}
