using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.Webhooks.Redis;

/// <summary>Reads the dead letters of the Redis transport as webhooks.</summary>
internal sealed class RedisWebhookDeadLetters(IRedisQueues queues, IRedisDeadLetters deadLetters) : IWebhookDeadLetters
{
    public async Task<IReadOnlyList<WebhookDeadLetterQueue>> ListQueuesAsync(CancellationToken cancellationToken = default)
    {
        var subscribed = (await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from queue in await queues.ListAsync(cancellationToken).ConfigureAwait(false)
               let original = QueueName.OriginalOf(queue.Name)
               where original is not null && subscribed.Contains(original)
               select new WebhookDeadLetterQueue(queue.Name, original, queue.Ready + queue.Delayed + queue.Leased)
        ];
    }

    public async Task<WebhookDeadLetterPage> ListAsync(string queue, WebhookDeadLetterFilter? filter = null, int limit = 100, string? after = null,
        CancellationToken cancellationToken = default)
    {
        var page = await deadLetters.ListAsync(ToDeadLetterQueue(queue), Translate(filter), limit, after, cancellationToken).ConfigureAwait(false);
        return new WebhookDeadLetterPage { Entries = [.. page.Entries.Select(WebhookReading.Read)], Next = page.Next };
    }

    public async Task<WebhookDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default) =>
        await deadLetters.GetAsync(ToDeadLetterQueue(queue), key, cancellationToken).ConfigureAwait(false) is { } letter ? WebhookReading.Read(letter) : null;

    public Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        deadLetters.ReplayAsync(ToDeadLetterQueue(queue), keys, cancellationToken);

    public Task<long> ReplayAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return deadLetters.ReplayAsync(ToDeadLetterQueue(queue), Translate(filter)!, cancellationToken);
    }

    public Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default) =>
        deadLetters.ReplayAllAsync(ToDeadLetterQueue(queue), cancellationToken);

    public Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        deadLetters.PurgeAsync(ToDeadLetterQueue(queue), keys, cancellationToken);

    public Task<long> PurgeAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return deadLetters.PurgeAsync(ToDeadLetterQueue(queue), Translate(filter)!, cancellationToken);
    }

    public Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default) =>
        deadLetters.PurgeAllAsync(ToDeadLetterQueue(queue), cancellationToken);

    static string ToDeadLetterQueue(string queue)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        return QueueName.OriginalOf(queue) is null ? queue + QueueName.ErrorSuffix : queue;
    }

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
