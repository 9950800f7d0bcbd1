namespace MassTransit.Webhooks;

/// <summary>
/// Lists, replays and purges webhooks that have failed for good. A queue is given by the name of its processor's queue (<c>order-hooks</c>)
/// or of the dead-letter queue itself (<c>order-hooks_error</c>, <c>order-hooks_skipped</c>). If dead letters go to a queue with a name of
/// its own (an <c>IErrorQueueNameFormatter</c>), the processor's name selects its own dead letters there, and the queue's name all of them.
/// </summary>
/// <remarks>
/// This needs a transport that can inspect a queue: Redis (<c>w.UseRedis()</c>). On any other every method throws
/// <see cref="NotSupportedException"/>, which says what to use instead. Every method throws <see cref="ArgumentException"/> for a text that
/// is no queue name, and the transport's exception if the queue does not exist or the server does not answer.
/// </remarks>
public interface IWebhookDeadLetters
{
    /// <summary>
    /// Lists the dead-letter queues of the queues that webhooks are published to, by name, with the number of dead letters in each.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<WebhookDeadLetterQueue>> ListQueuesAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads dead letters page by page. None is missed or repeated if others are replayed, purged or added meanwhile.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="filter">Which dead letters are returned. Default: all.</param>
    /// <param name="limit">
    /// How many at most, 1 to 1,000. Default: 100. A page may be shorter if the filter matches few or bodies are large.
    /// </param>
    /// <param name="after"><see cref="WebhookDeadLetterPage.Next"/> of the page before. Default: <c>null</c>, from the first one.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">The cursor is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not between 1 and 1,000.</exception>
    Task<WebhookDeadLetterPage> ListAsync(string queue, WebhookDeadLetterFilter? filter = null, int limit = 100, string? after = null,
        CancellationToken cancellationToken = default);

    /// <summary>Reads one dead letter.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="key">The dead letter's <see cref="WebhookDeadLetter.Key"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dead letter; <c>null</c> if it no longer exists.</returns>
    Task<WebhookDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves the given dead letters back to their processor's queue, behind the webhooks that wait there. They keep priority, id, body and
    /// headers, and their attempts are reset. It works in atomic steps, so a replay that ends early has lost and duplicated nothing. Call
    /// it again for the rest.
    /// </summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="keys">The keys of the dead letters. Those that no longer exist are skipped.</param>
    /// <param name="cancellationToken">Stops the replay after the current step.</param>
    /// <returns>How many were moved.</returns>
    Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Moves the dead letters back that the filter selects, among those that exist when it begins.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="filter">Which dead letters are meant.</param>
    /// <param name="cancellationToken">Stops the replay after the current step.</param>
    /// <returns>How many were moved.</returns>
    Task<long> ReplayAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Moves all dead letters back that exist now.</summary>
    /// <inheritdoc cref="ReplayAsync(string, WebhookDeadLetterFilter, CancellationToken)"/>
    Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Deletes the given dead letters for good.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="keys">The keys of the dead letters. Those that no longer exist are skipped.</param>
    /// <param name="cancellationToken">Stops the purge after the current step.</param>
    /// <returns>How many were deleted.</returns>
    Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Deletes the dead letters for good that the filter selects, among those that exist when it begins.</summary>
    /// <param name="queue">The processor's queue.</param>
    /// <param name="filter">Which dead letters are meant.</param>
    /// <param name="cancellationToken">Stops the purge after the current step.</param>
    /// <returns>How many were deleted.</returns>
    Task<long> PurgeAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Deletes all dead letters for good that exist now.</summary>
    /// <inheritdoc cref="PurgeAsync(string, WebhookDeadLetterFilter, CancellationToken)"/>
    Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default);
}
