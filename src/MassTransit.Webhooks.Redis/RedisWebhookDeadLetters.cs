namespace MassTransit.Webhooks.Redis;

/// <summary>Reads the dead letters of the Redis transport as webhooks.</summary>
internal sealed class RedisWebhookDeadLetters(IRedisQueues queues, IRedisDeadLetters deadLetters) : IWebhookDeadLetters
{
    const string ErrorSuffix = "_error";
    const string SkippedSuffix = "_skipped";

    public async Task<IReadOnlyList<WebhookDeadLetterQueue>> ListQueuesAsync(CancellationToken cancellationToken = default)
    {
        var subscribed = (await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (await queues.ListAsync(cancellationToken).ConfigureAwait(false)).Where(x => x.IsDeadLetterQueue && subscribed.Contains(OriginalOf(x.Name)))
                .Select(x => new WebhookDeadLetterQueue(x.Name, OriginalOf(x.Name), x.Ready + x.Delayed + x.Leased))
        ];
    }

    public async Task<WebhookDeadLetterPage> ListAsync(string queue, WebhookDeadLetterFilter? filter = null, int limit = 100, string? after = null,
        CancellationToken cancellationToken = default)
    {
        var page = await deadLetters.ListAsync(DeadLetterQueue(queue), Translate(filter), limit, after, cancellationToken).ConfigureAwait(false);
        return new WebhookDeadLetterPage { Entries = [.. page.Entries.Select(WebhookReading.Read)], Next = page.Next };
    }

    public async Task<WebhookDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default) =>
        await deadLetters.GetAsync(DeadLetterQueue(queue), key, cancellationToken).ConfigureAwait(false) is { } letter ? WebhookReading.Read(letter) : null;

    public Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        deadLetters.ReplayAsync(DeadLetterQueue(queue), keys, cancellationToken);

    public Task<long> ReplayAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return deadLetters.ReplayAsync(DeadLetterQueue(queue), Translate(filter)!, cancellationToken);
    }

    public Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default) =>
        deadLetters.ReplayAllAsync(DeadLetterQueue(queue), cancellationToken);

    public Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        deadLetters.PurgeAsync(DeadLetterQueue(queue), keys, cancellationToken);

    public Task<long> PurgeAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return deadLetters.PurgeAsync(DeadLetterQueue(queue), Translate(filter)!, cancellationToken);
    }

    public Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default) =>
        deadLetters.PurgeAllAsync(DeadLetterQueue(queue), cancellationToken);

    static string DeadLetterQueue(string queue)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        return IsDeadLetterQueue(queue) ? queue : queue + ErrorSuffix;
    }

    static bool IsDeadLetterQueue(string queue) =>
        queue.EndsWith(ErrorSuffix, StringComparison.Ordinal) || queue.EndsWith(SkippedSuffix, StringComparison.Ordinal);

    static string OriginalOf(string queue) => queue[..queue.LastIndexOf('_')];

    static RedisDeadLetterFilter? Translate(WebhookDeadLetterFilter? filter)
    {
        if (filter is null)
            return null;

        return new RedisDeadLetterFilter
        {
            ExceptionType = filter.ExceptionType,
            FaultMessage = filter.FaultMessage,
            OlderThan = filter.OlderThan,
            YoungerThan = filter.YoungerThan,
            // Bodies are read only if the filter has a condition on the webhook itself.
            Predicate = filter.HasWebhookConditions ? x => filter.MatchesWebhook(WebhookReading.ReadWebhook(x)) : null,
        };
    }
}
