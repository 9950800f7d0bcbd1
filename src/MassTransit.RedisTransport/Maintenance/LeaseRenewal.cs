using System.Diagnostics;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Receiving;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>Renews the leases of one endpoint in bulk, three times within a lease, and cancels the consumers of those that were lost.</summary>
internal sealed class LeaseRenewal : IAsyncDisposable
{
    readonly MessageReceiver _receiver;
    readonly RedisReceiveSettings _settings;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly Task _run;

    public LeaseRenewal(MessageReceiver receiver, RedisReceiveSettings settings, ILogger logger)
    {
        _receiver = receiver;
        _settings = settings;
        _logger = logger;
        _run = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_settings.LeaseDuration / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                await RenewOnceAsync().ConfigureAwait(false);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    async Task RenewOnceAsync()
    {
        // What was leased a moment ago outlives the next round anyway, and most of it is gone by then.
        var young = (long)(_settings.LeaseDuration.TotalSeconds / 6 * Stopwatch.Frequency);
        var held = _receiver.HeldSince(Stopwatch.GetTimestamp() - young);
        if (held.Count == 0)
            return;

        try
        {
            var lost = await _receiver.Queue.RenewAsync([.. held.Select(x => x.Message.Lease)], _settings.LeaseDuration, _stop.Token).ConfigureAwait(false);
            foreach (var index in lost)
                _receiver.OnLeaseLost(held[index]);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            // Whether leases are lost is the server's to say: while it is away nobody else can take them either.
            LogMessages.MaintenanceFailed(_logger, _settings.QueueName, exception.Message);
        }
    }
}
