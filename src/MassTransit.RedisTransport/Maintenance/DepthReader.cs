using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Reads the depths of one endpoint's queue for its metrics in the background, while somebody listens to them. Every process reads them
/// itself: three constant-time calls every 15 s are cheaper than the election of one reader, and no gap appears when a process ends.
/// </summary>
internal sealed class DepthReader : IAsyncDisposable
{
    /// <summary>How often new listeners are looked for.</summary>
    static readonly TimeSpan ListenerInterval = TimeSpan.FromSeconds(1);

    readonly ConsumedQueues _consumed;
    readonly QueueEngine _engine;
    readonly ConsumedQueue _queue;
    readonly TimeSpan _interval;
    readonly BackgroundLoop? _loop;
    volatile QueueDepths? _last;

    /// <param name="queue">The queue, and the queues of its failed and skipped messages.</param>
    /// <param name="isTemporary">
    /// True if the queue deletes itself. It is not read then, because there are as many such queues as clients.
    /// </param>
    /// <param name="consumed">Contains the queue while it is received from.</param>
    /// <param name="engine">The engine that reads the depths.</param>
    /// <param name="interval">How often the depths are read.</param>
    /// <param name="logger">The logger of the endpoint.</param>
    public DepthReader(ConsumedQueue queue, bool isTemporary, ConsumedQueues consumed, QueueEngine engine, TimeSpan interval,
        ILogger logger)
    {
        _queue = queue;
        _consumed = consumed;
        _engine = engine;
        _interval = interval;
        if (isTemporary)
            return;

        _consumed.Add(_queue);
        TransportMeter.Watch(this, () => _last);
        _loop = new BackgroundLoop(TimeSpan.Zero, ReadOnceAsync, Pause,
            exception => LogMessages.MaintenanceFailed(logger, queue.Queue, exception));
    }

    public async ValueTask DisposeAsync()
    {
        TransportMeter.Unwatch(this);
        _consumed.Remove(_queue);
        if (_loop is not null)
            await _loop.DisposeAsync().ConfigureAwait(false);
    }

    TimeSpan Pause() => TransportMeter.DepthsAreWanted || _interval < ListenerInterval ? _interval : ListenerInterval;

    async Task ReadOnceAsync(CancellationToken cancellationToken)
    {
        if (!TransportMeter.DepthsAreWanted)
            return;

        try
        {
            _last = await _queue.ReadAsync(_engine, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // While the server cannot be reached, no depth is reported, because an old one would look like a current one.
            _last = null;
            throw;
        }
    }
}
