namespace MassTransit.Webhooks;

/// <summary>
/// Webhooks whose processor gave them up: look, replay, purge. A queue is named by its processor's queue (<c>order-hooks</c>) or
/// as the dead-letter queue itself (<c>order-hooks_error</c>, <c>order-hooks_skipped</c>).
/// </summary>
/// <remarks>
/// Needs a transport that can look into a queue: Redis (<c>w.UseRedis()</c>). On any other, every method throws
/// <see cref="NotSupportedException"/>, which says what to use instead. Every method throws <see cref="ArgumentException"/> for
/// what cannot be a queue, and the transport's exception where the queue does not exist or the server does not answer.
/// </remarks>
public interface IWebhookDeadLetters
{
    /// <summary>The dead-letter queues of the queues that webhooks are published to, by name, with how many lie in each.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<WebhookDeadLetterQueue>> ListQueuesAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads dead letters page by page. What is replayed, purged or added meanwhile neither hides nor repeats one.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="filter">Which. Default: all.</param>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 100. A filter that finds little, or large bodies, make pages shorter.</param>
    /// <param name="after"><see cref="WebhookDeadLetterPage.Next"/> of the page before. Default: from the first.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not between 1 and 1,000.</exception>
    Task<WebhookDeadLetterPage> ListAsync(string queue, WebhookDeadLetterFilter? filter = null, int limit = 100, string? after = null,
        CancellationToken cancellationToken = default);

    /// <summary>Reads one.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="key">Its <see cref="WebhookDeadLetter.Key"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The dead letter; <c>null</c> where it is there no more.</returns>
    Task<WebhookDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts some back into their processor's queue, behind what waits there: priority, id, body and headers kept, attempts reset.
    /// Works in atomic steps: one that ends half-way, for whatever reason, has lost nothing and doubled nothing. Call again for
    /// the rest.
    /// </summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="keys">Which; those that are there no more are passed over.</param>
    /// <param name="cancellationToken">Ends the replay after the step under way.</param>
    /// <returns>How many were put back.</returns>
    Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Puts back those a filter selects, of those that were dead when it began.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the replay after the step under way.</param>
    /// <returns>How many were put back.</returns>
    Task<long> ReplayAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Puts back all that are dead now.</summary>
    /// <inheritdoc cref="ReplayAsync(string, WebhookDeadLetterFilter, CancellationToken)"/>
    Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Deletes some for good.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="keys">Which; those that are there no more are passed over.</param>
    /// <param name="cancellationToken">Ends the purge after the step under way.</param>
    /// <returns>How many were deleted.</returns>
    Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Deletes those a filter selects for good, of those that were dead when it began.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the purge after the step under way.</param>
    /// <returns>How many were deleted.</returns>
    Task<long> PurgeAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Deletes all that are dead now for good.</summary>
    /// <inheritdoc cref="PurgeAsync(string, WebhookDeadLetterFilter, CancellationToken)"/>
    Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default);
}
