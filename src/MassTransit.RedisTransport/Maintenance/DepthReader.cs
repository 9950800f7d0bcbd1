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
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly Task _run;
    volatile QueueDepths? _last;
    bool _failing;

    /// <param name="queue">The queue, and the queues of its failed and skipped messages.</param>
    /// <param name="isTemporary">
    /// True if the queue deletes itself. It is not read then, because there are as many such queues as clients.
    /// </param>
    /// <param name="consumed">Contains the queue while it is received from.</param>
    /// <param name="engine">The engine that reads the depths.</param>
    /// <param name="interval">How often the depths are read.</param>
    /// <param name="logger">The logger of the endpoint.</param>
    public DepthReader(ConsumedQueue queue, bool isTemporary, ConsumedQueues consumed, QueueEngine engine, TimeSpan interval, ILogger logger)
    {
        _queue = queue;
        _consumed = consumed;
        _engine = engine;
        _interval = interval;
        _logger = logger;
        if (isTemporary)
        {
            _run = Task.CompletedTask;
            return;
        }

        _consumed.Add(_queue);
        TransportMeter.Watch(this, () => _last);
        _run = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        TransportMeter.Unwatch(this);
        _consumed.Remove(_queue);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var wanted = TransportMeter.DepthsAreWanted;
            if (wanted)
                await ReadOnceAsync().ConfigureAwait(false);
            await Task.Delay(wanted || _interval < ListenerInterval ? _interval : ListenerInterval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task ReadOnceAsync()
    {
        try
        {
            _last = await _queue.ReadAsync(_engine, _stop.Token).ConfigureAwait(false);
            _failing = false;
        }
        catch (Exception exception)
        {
            // While the server cannot be reached, no depth is reported, because an old one would look like a current one.
            _last = null;
            if (_stop.IsCancellationRequested)
                return;
            if (!_failing)
                LogMessages.MaintenanceFailed(_logger, _queue.Queue, exception);
            _failing = true;
        }
    }
}
