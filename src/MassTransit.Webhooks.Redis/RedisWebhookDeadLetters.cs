using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.Webhooks.Redis;

/// <summary>Reads the dead letters of the Redis transport as webhooks.</summary>
internal sealed class RedisWebhookDeadLetters(IRedisQueues queues, IRedisDeadLetters deadLetters, IDeadLetterSources sources)
    : IWebhookDeadLetters
{
    public async Task<IReadOnlyList<WebhookDeadLetterQueue>> ListQueuesAsync(CancellationToken cancellationToken = default)
    {
        var subscribed = (await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false))
            .ToHashSet(StringComparer.Ordinal);
        var named = await sources.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. (await queues.ListAsync(cancellationToken).ConfigureAwait(false)).Where(x => x.IsDeadLetterQueue)
                .SelectMany(x => (QueueName.OriginalOf(x.Name) is { } original ? [original] : Array.Empty<string>())
                    .Union(named[x.Name], StringComparer.Ordinal)
                    .Where(subscribed.Contains)
                    .Select(source => new WebhookDeadLetterQueue(x.Name, source, x.Ready + x.Delayed + x.Leased)))
        ];
    }

    public async Task<WebhookDeadLetterPage> ListAsync(string queue, WebhookDeadLetterFilter? filter = null, int limit = 100,
        string? after = null,
        CancellationToken cancellationToken = default)
    {
        var (name, source) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        var page = await deadLetters.ListAsync(name, Translate(filter, source), limit, after, cancellationToken).ConfigureAwait(false);
        return new WebhookDeadLetterPage { Entries = [.. page.Entries.Select(WebhookReading.Read)], Next = page.Next };
    }

    public async Task<WebhookDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default)
    {
        var (name, source) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        var letter = await deadLetters.GetAsync(name, key, cancellationToken).ConfigureAwait(false);
        return letter is not null && (source is null || letter.OriginalQueue == source) ? WebhookReading.Read(letter) : null;
    }

    public async Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        var (name, _) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await deadLetters.ReplayAsync(name, keys, cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> ReplayAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var (name, source) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await deadLetters.ReplayAsync(name, Translate(filter, source)!, cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default)
    {
        var (name, source) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await (Translate(null, source) is { } filter
            ? deadLetters.ReplayAsync(name, filter, cancellationToken) : deadLetters.ReplayAllAsync(name, cancellationToken))
            .ConfigureAwait(false);
    }

    public async Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        var (name, _) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await deadLetters.PurgeAsync(name, keys, cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> PurgeAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var (name, source) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await deadLetters.PurgeAsync(name, Translate(filter, source)!, cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default)
    {
        var (name, source) = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await (Translate(null, source) is { } filter
            ? deadLetters.PurgeAsync(name, filter, cancellationToken) : deadLetters.PurgeAllAsync(name, cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Finds the queue that holds the dead letters of a queue, and the source queue whose dead letters are meant; <c>null</c>: all.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty, or the dead letters are in several queues.</exception>
    async Task<(string Queue, string? Source)> FindAsync(string queue, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        if (QueueName.OriginalOf(queue) is not null)
            return (queue, null);

        var own = queue + QueueName.ErrorSuffix;
        var named = await sources.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        if (named.Contains(queue))
            return (queue, null);
        if (sources.ErrorQueueOf(queue) is { } errors)
            return (errors, errors == own ? null : queue);

        string[] found = [.. named.Where(x => x.Contains(queue)).Select(x => x.Key).Order(StringComparer.Ordinal)];
        return found switch
        {
            [] => (own, null),
            [var only] => (only, queue),
            _ => throw new ArgumentException($"The dead letters of '{queue}' lie in several queues: give one of "
                + $"'{string.Join("', '", found)}' or '{own}'.", nameof(queue)),
        };
    }

    static RedisDeadLetterFilter? Translate(WebhookDeadLetterFilter? filter, string? source)
    {
        if (filter is null)
            return source is null ? null : new RedisDeadLetterFilter { Predicate = x => x.OriginalQueue == source };

        return new RedisDeadLetterFilter
        {
            ExceptionType = filter.ExceptionType,
            FaultMessage = filter.FaultMessage,
            OlderThan = filter.OlderThan,
            YoungerThan = filter.YoungerThan,
            // Bodies are read only if the filter asks something of the webhook.
            Predicate = filter.HasWebhookConditions || source is not null
                ? x => (source is null || x.OriginalQueue == source)
                && (!filter.HasWebhookConditions || filter.MatchesWebhook(WebhookReading.ReadWebhook(x)))
                : null,
        };
    }
}
