namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>
/// The last half hour of the queues that a list shows. It grows once a minute, so it is read once a minute and not with every view.
/// </summary>
internal sealed class HistoryCache(IRedisQueues queues, TimeProvider time)
{
    /// <summary>Several pages of the list. What is more begins anew.</summary>
    const int MaxQueues = 1_000;

    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    readonly Lock _lock = new();
    readonly Dictionary<string, Cached<IReadOnlyList<RedisQueueMinute>>> _known = new(StringComparer.Ordinal);

    public async Task<QueueHistory> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var minutes = new Dictionary<string, IReadOnlyList<RedisQueueMinute>>(StringComparer.Ordinal);
        foreach (var (name, reading) in names.Select(x => (x, Get(x).GetAsync())).ToArray())
        {
            try
            {
                minutes[name] = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RedisQueueNotFoundException)
            {
                // It was deleted after it was listed.
            }
        }

        return new QueueHistory(minutes);
    }

    Cached<IReadOnlyList<RedisQueueMinute>> Get(string name)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(name, out var known))
                return known;
            if (_known.Count >= MaxQueues)
                _known.Clear();
            return _known[name] = new Cached<IReadOnlyList<RedisQueueMinute>>(
                () => queues.GetHistoryAsync(name, QueueHistory.Back), Lifetime, time);
        }
    }
}

/// <summary>The last half hour of some queues.</summary>
internal sealed class QueueHistory(IReadOnlyDictionary<string, IReadOnlyList<RedisQueueMinute>> minutes)
{
    public static readonly TimeSpan Back = TimeSpan.FromMinutes(30);

    public IReadOnlyList<RedisQueueMinute> Of(string queue) => minutes.GetValueOrDefault(queue) ?? [];
}
