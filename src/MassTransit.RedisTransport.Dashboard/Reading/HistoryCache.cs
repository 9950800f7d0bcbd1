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
    readonly Dictionary<string, (long At, Task<IReadOnlyList<RedisQueueMinute>> Minutes)> _known = new(StringComparer.Ordinal);

    public async Task<QueueHistory> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var minutes = new Dictionary<string, IReadOnlyList<RedisQueueMinute>>(StringComparer.Ordinal);
        foreach (var (name, reading) in names.Select(x => (x, Get(x))).ToArray())
        {
            try
            {
                minutes[name] = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RedisTransportException exception) when (Absence.IsUnknownQueue(exception))
            {
                // It was deleted after it was listed.
            }
        }

        return new QueueHistory(minutes);
    }

    Task<IReadOnlyList<RedisQueueMinute>> Get(string name)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(name, out var known) && !known.Minutes.IsFaulted && !known.Minutes.IsCanceled
                && time.GetElapsedTime(known.At) < Lifetime)
                return known.Minutes;
            if (_known.Count >= MaxQueues)
                _known.Clear();
            var reading = queues.GetHistoryAsync(name, QueueHistory.Back);
            _known[name] = (time.GetTimestamp(), reading);
            return reading;
        }
    }
}

/// <summary>The last half hour of some queues.</summary>
internal sealed class QueueHistory(IReadOnlyDictionary<string, IReadOnlyList<RedisQueueMinute>> minutes)
{
    public static readonly TimeSpan Back = TimeSpan.FromMinutes(30);

    public IReadOnlyList<RedisQueueMinute> Of(string queue) => minutes.GetValueOrDefault(queue) ?? [];
}
