namespace MassTransit;

/// <summary>
/// The dead letters that were deleted within the last 24 hours, by <see cref="IRedisOperations.StartPurgeAsync"/>, by
/// <see cref="DiscardAsync"/> or because they were edited. Added by <c>AddRedisQueues</c>.
/// </summary>
/// <remarks>
/// The trash of a queue holds 100,000 records and 256 MB at most. It goes with its queue. Every method throws <see
/// cref="ArgumentException"/> for a queue that is no dead-letter queue, and <see cref="RedisTransportException"/> if the server refuses or
/// does not answer within the send timeout. An act that changes something is written to the audit first, and is not done if that fails.
/// </remarks>
public interface IRedisTrash
{
    /// <summary>Lists what was deleted, the newest first.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="offset">How many to skip. It is not exact while others delete. Default: 0.</param>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 100. There may be fewer if bodies are large (512 KB in total).</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset or the limit is out of its range.</exception>
    Task<RedisTrashPage> ListAsync(string queue, int offset = 0, int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>Reads one deleted dead letter; <c>null</c> if it is not in the trash, or no longer.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="key">The dead letter's <see cref="RedisDeadLetter.Key"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">The key is not valid.</exception>
    Task<RedisTrashedLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default);

    /// <summary>Moves dead letters to the trash, at once.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="keys">1 to 1,000 keys. Those that no longer exist are skipped.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Stops after the current step.</param>
    /// <returns>How many messages were deleted, and how many of them are in the trash: the others did not fit.</returns>
    /// <exception cref="ArgumentException">A key is not valid, or there are none or too many of them.</exception>
    Task<RedisDiscarded> DiscardAsync(string queue, IReadOnlyCollection<string> keys, RedisActor by,
        CancellationToken cancellationToken = default);

    /// <summary>Puts deleted dead letters back, each to its old place.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="keys">1 to 1,000 keys. Those that are not in the trash are skipped.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Stops after the current step.</param>
    /// <returns>How many messages were put back.</returns>
    /// <exception cref="ArgumentException">A key is not valid, or there are none or too many of them.</exception>
    Task<long> RestoreAsync(string queue, IReadOnlyCollection<string> keys, RedisActor by, CancellationToken cancellationToken = default);
}

/// <summary>What became of dead letters that were to be deleted.</summary>
/// <param name="Deleted">How many messages were deleted.</param>
/// <param name="InTrash">How many of them are in the trash.</param>
public readonly record struct RedisDiscarded(long Deleted, long InTrash);

/// <summary>A part of the trash of a queue.</summary>
public sealed class RedisTrashPage
{
    internal RedisTrashPage()
    {
    }

    /// <summary>The deleted dead letters, the newest first.</summary>
    public required IReadOnlyList<RedisTrashedLetter> Entries { get; init; }

    /// <summary>How many records are in the trash.</summary>
    public long Total { get; init; }

    /// <summary>How many bytes they have.</summary>
    public long Bytes { get; init; }
}

/// <summary>A deleted dead letter.</summary>
public sealed class RedisTrashedLetter
{
    internal RedisTrashedLetter()
    {
    }

    /// <summary>The dead letter as it was. One whose record has more than 512 KB is shown without it, and can be restored.</summary>
    public required RedisDeadLetter Letter { get; init; }

    /// <summary>When it was deleted, by the server's clock.</summary>
    public DateTimeOffset DeletedAt { get; init; }

    /// <summary>Until when it can be restored.</summary>
    public DateTimeOffset RestorableUntil { get; init; }
}
