namespace MassTransit;

/// <summary>
/// What an operator does with dead letters: look, replay, purge. Takes the name of a dead-letter queue: <c>orders_error</c>,
/// <c>orders_skipped</c>, or a name of its own that an endpoint was given for it. Added by <c>AddRedisQueues</c>.
/// </summary>
/// <remarks>
/// Only waiting messages are seen: what a consumer of the dead-letter queue has leased is that consumer's. Every method throws
/// <see cref="ArgumentException"/> for a queue that is no dead-letter queue, and <see cref="RedisTransportException"/> for one
/// that does not exist, or where the server refuses or does not answer within the send timeout.
/// </remarks>
public interface IRedisDeadLetters
{
    /// <summary>Reads dead letters page by page. What is replayed, purged or added meanwhile neither hides nor repeats one.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="filter">Which. Default: all. A call looks at 10,000 at most, then returns what it has and where to go on.</param>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 100. Large bodies make pages shorter (some 4 MB).</param>
    /// <param name="after"><see cref="RedisDeadLetterPage.Next"/> of the page before. Default: from the first.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or the cursor is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not between 1 and 1,000.</exception>
    Task<RedisDeadLetterPage> ListAsync(string queue, RedisDeadLetterFilter? filter = null, int limit = 100, string? after = null,
        CancellationToken cancellationToken = default);

    /// <summary>Reads one dead letter.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="key">Its <see cref="RedisDeadLetter.Key"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The dead letter; <c>null</c> where it is there no more.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or the key is none.</exception>
    Task<RedisDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts dead letters back into their original queue, behind what waits there, with the same priority, id, body and headers,
    /// and as if they had never failed: no fault headers, no redelivery count (that of a JSON envelope is cut out of it, in any
    /// other envelope it stays). <c>MT-Replay-Count</c> and <c>MT-Replayed-From</c> are added.
    /// </summary>
    /// <remarks>
    /// Works in atomic steps of up to 500; on a cluster, from a dead-letter queue with a name of its own, by storing and then
    /// removing, each message once however often that is repeated within an hour. One that ends half-way, for whatever reason, has lost nothing and doubled nothing:
    /// each message is in one of the two queues (there, for a moment in both). Call again for the rest. A record that no version could read is put back byte
    /// for byte, without headers.
    /// </remarks>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="keys">Which; those that are there no more are passed over.</param>
    /// <param name="cancellationToken">Ends the replay after the step under way.</param>
    /// <returns>How many were put back.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or a key is none: nothing was replayed.</exception>
    Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts back the dead letters a filter selects, as <see cref="ReplayAsync(string, IReadOnlyCollection{string}, CancellationToken)"/>
    /// does. Ends with those that were dead when it began: what fails again meanwhile is not replayed for ever.
    /// </summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the replay after the step under way.</param>
    /// <returns>How many were put back.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue.</exception>
    Task<long> ReplayAsync(string queue, RedisDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Puts back all that are dead now.</summary>
    /// <inheritdoc cref="ReplayAsync(string, RedisDeadLetterFilter, CancellationToken)"/>
    Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Deletes dead letters for good.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="keys">Which; those that are there no more are passed over.</param>
    /// <param name="cancellationToken">Ends the purge after the step under way.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or a key is none: nothing was deleted.</exception>
    Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Deletes the dead letters a filter selects for good, of those that were there when it began.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the purge after the step under way.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue.</exception>
    Task<long> PurgeAsync(string queue, RedisDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Deletes all that are dead now for good.</summary>
    /// <inheritdoc cref="PurgeAsync(string, RedisDeadLetterFilter, CancellationToken)"/>
    Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default);
}
