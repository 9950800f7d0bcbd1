using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>The read model of one bus's queues.</summary>
internal sealed partial class RedisQueues(EngineHost host, IMessageTopics topics, ConsumedQueues consumed, RedisAudit audit)
    : IRedisQueues, IDeadLetterSources
{
    /// <summary>How many queues are read at a time.</summary>
    const int Concurrent = 100;

    /// <remarks>
    /// One call reads the dead-letter queues with custom names. Then one constant-time call for each queue and each of its dead-letter
    /// queues is sent, all at once. This makes two round trips, however many other queues there are.
    /// </remarks>
    public async Task<IReadOnlyList<RedisQueueInfo>> ListAsync(IReadOnlyCollection<string> queues,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queues);
        if (queues.Count == 0)
            return [];

        var named = await host.Current.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<RedisQueueInfo>(queues.Count);
        foreach (var chunk in queues.Chunk(Concurrent))
        {
            found.AddRange((await Task.WhenAll(chunk.Select(x => InfoAsync(x, named, cancellationToken))).ConfigureAwait(false))
                .OfType<RedisQueueInfo>());
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<ILookup<string, string>> ListDeadLettersAsync(CancellationToken cancellationToken = default)
    {
        var noted = await host.Current.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        var taken = consumed.All.SelectMany(x => new[] { (Queue: x.Errors, Source: x.Queue), (Queue: x.Skipped, Source: x.Queue) });
        return noted.SelectMany(x => x.Select(source => (Queue: x.Key, Source: source)))
            .Union(taken.Where(x => QueueName.OriginalOf(x.Queue) != x.Source))
            .ToLookup(x => x.Queue, x => x.Source, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string? ErrorQueueOf(string queue) => consumed.All.FirstOrDefault(x => x.Queue == queue)?.Errors;

    public async Task<IReadOnlyList<RedisQueueInfo>> ListAsync(CancellationToken cancellationToken = default)
    {
        var engine = host.Current;
        var counts = new Dictionary<string, QueueCounts>(StringComparer.Ordinal);
        foreach (var chunk in (await engine.ListQueuesAsync(cancellationToken).ConfigureAwait(false)).Chunk(Concurrent))
        {
            var read = await Task.WhenAll(chunk.Select(x => engine.CountAsync(x, cancellationToken))).ConfigureAwait(false);
            for (var i = 0; i < chunk.Length; i++)
            {
                if (read[i].Exists)
                    counts[chunk[i]] = read[i];
            }
        }

        var named = await engine.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        return [.. counts.Select(x => Info(x.Key, x.Value, named, counts.GetValueOrDefault))
            .OrderBy(x => x.Name, StringComparer.Ordinal)];
    }

    public async Task<RedisQueueInfo> GetAsync(string queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _ = QueueName.Parse(queue);
        var named = await host.Current.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        return await InfoAsync(queue, named, cancellationToken).ConfigureAwait(false) ?? throw Unknown(queue);
    }

    public async Task<IReadOnlyList<string>> ListSubscribersAsync<T>(CancellationToken cancellationToken = default)
        where T : class
    {
        var destinations = await host.Current.Topology.ResolveAsync(topics.TopicOf<T>(), cancellationToken)
            .ConfigureAwait(false);
        return [.. destinations.Select(x => x.Queue).Order(StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<RedisQueuedMessage>> PeekAsync(string queue, RedisMessageState state = RedisMessageState.Ready,
        int offset = 0, int limit = 20,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MessageQueue.MaxPage);
        if (!Enum.IsDefined(state))
            throw new ArgumentOutOfRangeException(nameof(state), state, "Messages are Ready, Delayed or Leased.");
        await RequireAsync(queue, cancellationToken).ConfigureAwait(false);
        var found = await host.Current.Inspect(queue).PeekAsync((MessageState)state, offset, limit, cancellationToken)
            .ConfigureAwait(false);
        return [.. found.Select(x => RecordReading.Queued(x, (MessageState)state))];
    }

    public async Task<long> PurgeAsync(string queue, CancellationToken cancellationToken = default)
    {
        await RequireAsync(queue, cancellationToken).ConfigureAwait(false);
        return await host.Current.Inspect(queue).PurgeAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(string queue, CancellationToken cancellationToken = default)
    {
        await RequireAsync(queue, cancellationToken).ConfigureAwait(false);
        await host.Current.DeleteQueueAsync(queue, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a queue and its dead-letter queues at once; <c>null</c> if there is no such queue.</summary>
    async Task<RedisQueueInfo?> InfoAsync(string queue, ILookup<string, string> named, CancellationToken cancellationToken)
    {
        string[] names = [.. DeadLetterQueuesOf(queue, named).Append(queue).Distinct(StringComparer.Ordinal)];
        var read = await Task.WhenAll(names.Select(x => host.Current.CountAsync(x, cancellationToken))).ConfigureAwait(false);
        var counts = names.Zip(read).ToDictionary(x => x.First, x => x.Second, StringComparer.Ordinal);
        return counts[queue].Exists ? Info(queue, counts[queue], named, counts.GetValueOrDefault) : null;
    }

    async Task<QueueCounts> RequireAsync(string queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var counts = await host.Current.CountAsync(queue, cancellationToken).ConfigureAwait(false);
        return counts.Exists ? counts : throw Unknown(queue);
    }

    public static RedisQueueNotFoundException Unknown(string queue) => new(
        $"There is no queue '{queue}'. IRedisQueues.ListAsync names those there are; check the name, and that key prefix and database "
            + "are those of the bus that uses it.");

    /// <summary>
    /// Returns the queues with the queue's name and a suffix, and those with custom names that have taken a dead letter of it.
    /// </summary>
    static IEnumerable<string> DeadLetterQueuesOf(string queue, ILookup<string, string> named) =>
        QueueName.DeadLetterQueuesOf(queue).Union(named.Where(x => x.Contains(queue)).Select(x => x.Key), StringComparer.Ordinal);

    static long Total(QueueCounts counts) => counts.Ready + counts.Delayed + counts.Leased;

    static RedisQueueInfo Info(string name, QueueCounts counts, ILookup<string, string> named, Func<string, QueueCounts?> of) => new()
    {
        Name = name,
        IsDeadLetterQueue = named.Contains(name) || QueueName.OriginalOf(name) is not null,
        Ready = counts.Ready,
        Delayed = counts.Delayed,
        Leased = counts.Leased,
        DeadLetters = DeadLetterQueuesOf(name, named).Sum(x => of(x) is { } dead ? Total(dead) : 0),
        DeadLetterQueues = [.. DeadLetterQueuesOf(name, named).Where(x => of(x) is { Exists: true })],
        Sent = counts.Sent,
        Completed = counts.Completed,
        Moved = counts.Moved,
        Reclaimed = counts.Reclaimed,
        Removed = counts.Removed,
        Cancelled = counts.Cancelled,
        OldestAge = counts.OldestAge,
        Receivers = counts.Receivers,
        ReadAt = counts.ServerTime,
        IsPaused = counts.IsPaused,
        Limit = counts.Limit,
        ControlVersion = counts.ControlVersion,
    };
}
