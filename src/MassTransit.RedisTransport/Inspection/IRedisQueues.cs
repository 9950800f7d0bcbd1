namespace MassTransit;

/// <summary>
/// Inspects the queues of a bus on Redis. Lists are read from counters, so they cost a busy queue nothing. Added by <c>AddRedisQueues</c>.
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
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
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
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<IReadOnlyList<RedisQueuedMessage>> PeekAsync(string queue, RedisMessageState state = RedisMessageState.Ready, int offset = 0,
        int limit = 20,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes all messages that wait or are delayed now, in bounded steps. Leased messages are not deleted.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops the purge after the current step.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
    Task<long> PurgeAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a queue with all its messages, including leased ones, and removes it from every topic, so that a publish does not create it
    /// again. Its dead-letter queues are not deleted. Stop its endpoints and senders first: a running endpoint subscribes the queue again,
    /// and a send to the queue creates it again.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RedisTransportException">The queue does not exist.</exception>
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
