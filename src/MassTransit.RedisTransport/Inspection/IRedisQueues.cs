namespace MassTransit;

/// <summary>What lies in the queues of a bus on Redis. Reads counters only: it costs a busy queue nothing. Added by <c>AddRedisQueues</c>.</summary>
/// <remarks>
/// Every method throws <see cref="ArgumentException"/> for what cannot be a queue's name, and <see cref="RedisTransportException"/>
/// where the server refuses or does not answer within the send timeout.
/// </remarks>
public interface IRedisQueues
{
    /// <summary>All queues, dead-letter queues included, by name. Of temporary ones, those that were sent to only.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<RedisQueueInfo>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Some queues, in the order of their names as given; those that do not exist are left out. Costs two round trips, however many others there are.</summary>
    /// <param name="queues">Their names.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<RedisQueueInfo>> ListAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken = default);

    /// <summary>One queue.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RedisTransportException">There is no such queue.</exception>
    Task<RedisQueueInfo> GetAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>The queues a published message of a type reaches now, by name; temporary ones too.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<string>> ListSubscribersAsync<T>(CancellationToken cancellationToken = default)
        where T : class;

    /// <summary>Reads messages without taking them, in the order of their delivery, due time or lease end.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="state">Which.</param>
    /// <param name="offset">How many to skip; a queue that moves makes this inexact.</param>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 20.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">Offset or limit is out of its range, or the state is none.</exception>
    /// <exception cref="RedisTransportException">There is no such queue.</exception>
    Task<IReadOnlyList<RedisQueuedMessage>> PeekAsync(string queue, RedisMessageState state = RedisMessageState.Ready, int offset = 0, int limit = 20,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes all messages that wait or are delayed now, in bounded steps; leased ones are left to their consumers.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Ends the purge after the step under way.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="RedisTransportException">There is no such queue.</exception>
    Task<long> PurgeAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a queue with everything in it, leased messages included, and takes it out of every topic, so that what is published
    /// does not bring it back; not its dead-letter queues. A running endpoint subscribes it again, and the next send to the queue
    /// itself makes it again: stop those first.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="RedisTransportException">There is no such queue.</exception>
    Task DeleteAsync(string queue, CancellationToken cancellationToken = default);
}

/// <summary>What a message in a queue waits for.</summary>
public enum RedisMessageState
{
    /// <summary>A consumer.</summary>
    Ready = 1,

    /// <summary>Its time: it was scheduled, or is redelivered later.</summary>
    Delayed = 2,

    /// <summary>Its consumer to finish.</summary>
    Leased = 3,
}
