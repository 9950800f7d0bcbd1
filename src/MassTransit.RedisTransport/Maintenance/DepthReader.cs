using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Configuration;
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
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    readonly RedisHostConfiguration _host;
    readonly QueueBroker _broker;
    readonly ConsumedQueue _queue;
    readonly TimeSpan _interval;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly Task _run;
    volatile QueueDepths? _last;
    bool _failing;

    public DepthReader(RedisHostConfiguration host, RedisReceiveEndpointContext context, RedisReceiveSettings settings, QueueBroker broker, ILogger logger)
    {
        _host = host;
        _broker = broker;
        _logger = logger;
        _interval = host.Settings.DepthInterval;
        _queue = new ConsumedQueue(settings.QueueName, context.ErrorQueue, context.SkippedQueue);
        // The names of temporary queues are as many as there are clients.
        if (settings.AutoDeleteOnIdle is not null)
        {
            _run = Task.CompletedTask;
            return;
        }

        _host.Consumed.Add(_queue);
        TransportMeter.Watch(this, () => _last);
        _run = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        TransportMeter.Unwatch(this);
        _host.Consumed.Remove(_queue);
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
            await Task.Delay(wanted || _interval < Look ? _interval : Look, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task ReadOnceAsync()
    {
        try
        {
            _last = await _queue.ReadAsync(_broker, _stop.Token).ConfigureAwait(false);
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
