using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Receiving;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Keeps a queue that deletes itself alive while its endpoint runs, and declares it again if it was deleted nevertheless.
/// </summary>
internal sealed class QueueKeepAlive : IAsyncDisposable
{
    readonly MessageQueue _queue;
    readonly EndpointTopology _topology;
    readonly RedisReceiveSettings _settings;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly Task _run;
    bool _failing;

    public QueueKeepAlive(MessageQueue queue, EndpointTopology topology, RedisReceiveSettings settings, ILogger logger)
    {
        _queue = queue;
        _topology = topology;
        _settings = settings;
        _logger = logger;
        _run = settings.AutoDeleteOnIdle is { } idle ? Task.Run(() => RunAsync(idle / 3)) : Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    async Task RunAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                await TouchOnceAsync().ConfigureAwait(false);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The endpoint stops.
        }
    }

    async Task TouchOnceAsync()
    {
        try
        {
            if (!await _queue.TouchAsync(_stop.Token).ConfigureAwait(false))
            {
                LogMessages.Redeclared(_logger, _settings.QueueName);
                await _topology.RestoreAsync(_stop.Token).ConfigureAwait(false);
            }

            _failing = false;
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            if (!_failing)
                LogMessages.MaintenanceFailed(_logger, _settings.QueueName, exception);
            _failing = true;
        }
    }
}
