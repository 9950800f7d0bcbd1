using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Reads the depths of one endpoint's queue for its metrics, in the background, while somebody listens to them. Every process
/// reads its own: three constant-time calls every 15 s are cheaper than an election, and no reader's end leaves a gap.
/// </summary>
internal sealed class DepthReader : IAsyncDisposable
{
    /// <summary>How soon a new listener is noticed.</summary>
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

    /// <param name="queue">The queue, and where its failed and skipped messages go.</param>
    /// <param name="isTemporary">It deletes itself, and is not read: names of temporary queues are as many as there are clients.</param>
    /// <param name="consumed">Told of the queue while it is received from.</param>
    /// <param name="engine">Asked for the depths.</param>
    /// <param name="interval">How often.</param>
    /// <param name="logger">The endpoint's.</param>
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
            // An old depth looks like a depth: while the server is away there is none.
            _last = null;
            if (_stop.IsCancellationRequested)
                return;
            if (!_failing)
                LogMessages.MaintenanceFailed(_logger, _queue.Queue, exception);
            _failing = true;
        }
    }
}
