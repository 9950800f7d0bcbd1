using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>The queues that a bus receives from now.</summary>
internal sealed class ConsumedQueues
{
    readonly ConcurrentDictionary<string, ConsumedQueue> _queues = new(StringComparer.Ordinal);

    public IReadOnlyList<ConsumedQueue> All => [.. _queues.Values.OrderBy(x => x.Queue, StringComparer.Ordinal)];

    public void Add(ConsumedQueue queue) => _queues[queue.Queue] = queue;

    public void Remove(ConsumedQueue queue) => _queues.TryRemove(new KeyValuePair<string, ConsumedQueue>(queue.Queue, queue));
}

/// <summary>A queue and the queues of its failed and skipped messages.</summary>
internal sealed record ConsumedQueue(string Queue, string Errors, string Skipped)
{
    /// <summary>Reads the depths in one attempt, with three calls in constant time.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer.</exception>
    public async Task<QueueDepths> ReadAsync(QueueEngine engine, CancellationToken cancellationToken = default)
    {
        var measure = engine.MeasureAsync(Queue, cancellationToken);
        var errors = engine.MeasureAsync(Errors, cancellationToken);
        var skipped = engine.MeasureAsync(Skipped, cancellationToken);
        await Task.WhenAll(measure, errors, skipped).ConfigureAwait(false);
        var found = await measure.ConfigureAwait(false);
        var (ready, delayed, leased, oldest) = found;
        return new QueueDepths(Queue, ready, delayed, leased, (await errors.ConfigureAwait(false)).Total,
            (await skipped.ConfigureAwait(false)).Total, oldest)
        {
            IsPaused = found.IsPaused,
            Limit = found.Limit,
        };
    }
}
