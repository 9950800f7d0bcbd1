using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Leases messages whenever there is room for them, sleeps when there are none, and goes on after every outage. Nothing it
/// meets ends it but a stop.
/// </summary>
internal sealed class FetchLoop(
    MessageReceiver receiver,
    QueueBroker broker,
    EndpointTopology topology,
    RedisReceiveEndpointContext context,
    RedisReceiveSettings settings,
    ILogger logger,
    DeliveryMetrics metrics)
{
    /// <summary>Makes up for a wake-up that was lost; what keeps an idle endpoint at one call a second.</summary>
    static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(1);

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    readonly AsyncSignal _wake = new();
    long _interruptedAt;
    int _failures;

    public async Task RunAsync(CancellationToken stopping)
    {
        var lane = receiver.Queue.CreateLeaseLane();
        broker.Connection.Restored += _wake.Set;
        var subscribed = false;
        try
        {
            var backlog = false;
            while (!stopping.IsCancellationRequested)
            {
                LeaseResult result;
                int limit;
                try
                {
                    if (!subscribed)
                        subscribed = await SubscribeAsync(stopping).ConfigureAwait(false);

                    var enough = backlog ? Math.Min(context.PrefetchCount / 2, LeaseLane.MaxRecords) : 1;
                    var (room, finished) = await receiver.WaitForRoomAsync(enough, stopping).ConfigureAwait(false);
                    limit = Math.Min(room, LeaseLane.MaxMessages);
                    // Not cancelled by a stop: what it leases must be known, to be given back.
                    result = await lane.LeaseAsync(limit, settings.LeaseDuration, finished, CancellationToken.None).ConfigureAwait(false);
                    receiver.Accept(result);
                    if (!result.Declared)
                    {
                        LogMessages.Redeclared(logger, settings.QueueName);
                        await topology.RestoreAsync(stopping).ConfigureAwait(false);
                    }
                }
                catch (Exception exception)
                {
                    // Whatever it was that a stop met: the receiver is still to be stopped in order, with or without the server.
                    if (stopping.IsCancellationRequested)
                        break;

                    backlog = false;
                    await InterruptedAsync(exception, stopping).ConfigureAwait(false);
                    continue;
                }

                if (_failures > 0 || _interruptedAt == 0)
                    await ReadyAsync().ConfigureAwait(false);
                if (result.Reclaimed > 0)
                    LogMessages.Reclaimed(logger, settings.QueueName, result.Reclaimed);

                backlog = result.Count >= limit || result.Messages.Length >= LeaseLane.MaxRecords;
                if (!backlog)
                    await SleepAsync(result.NextDue, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop while waiting.
        }
        finally
        {
            broker.Connection.Restored -= _wake.Set;
            await receiver.GiveBackAsync(lane.Held).ConfigureAwait(false);
            if (subscribed)
                Unsubscribe();
        }
    }

    async Task SleepAsync(TimeSpan? nextDue, CancellationToken stopping)
    {
        var sleep = nextDue is { } due && due < SafetyPoll ? due : SafetyPoll;
        if (sleep > TimeSpan.Zero)
            await _wake.WaitAsync(sleep, stopping).ConfigureAwait(false);
    }

    async Task<bool> SubscribeAsync(CancellationToken stopping)
    {
        await broker.Connection.SubscribeAsync(receiver.Queue.Keys.WakeChannel, OnWake, stopping).ConfigureAwait(false);
        return true;
    }

    void Unsubscribe()
    {
        try
        {
            broker.Connection.Unsubscribe(receiver.Queue.Keys.WakeChannel, OnWake);
        }
        catch (Exception exception) when (ScriptRunner.IsTransient(exception) || exception is StackExchange.Redis.RedisException or RedisTransportException
            or ObjectDisposedException or OperationCanceledException)
        {
            // Without a server there is nothing to take back.
        }
    }

    void OnWake(StackExchange.Redis.RedisChannel channel, StackExchange.Redis.RedisValue value) => _wake.Set();

    async Task ReadyAsync()
    {
        if (_failures > 0)
            LogMessages.ReceiveResumed(logger, settings.QueueName, Stopwatch.GetElapsedTime(_interruptedAt));
        _failures = 0;
        _interruptedAt = -1;
        await NotifyAsync(() => context.TransportObservers.NotifyReady(context.InputAddress)).ConfigureAwait(false);
    }

    /// <summary>Health: degraded at the first failure, unhealthy when it goes on, healthy again with the first answer.</summary>
    async Task InterruptedAsync(Exception exception, CancellationToken stopping)
    {
        _failures++;
        if (_failures == 1)
        {
            _interruptedAt = Stopwatch.GetTimestamp();
            LogMessages.ReceiveInterrupted(logger, settings.QueueName, exception.Message);
            await NotifyAsync(() => context.TransportObservers.NotifyCompleted(context.InputAddress, metrics)).ConfigureAwait(false);
        }

        var refused = exception is RedisTransportException { IsTransient: false };
        if (_failures == 3 || (refused && _failures == 1))
        {
            if (refused)
                LogMessages.ReceiveRefused(logger, settings.QueueName, exception.Message);
            await NotifyAsync(() => context.TransportObservers.NotifyFaulted(context.InputAddress, RedisReceiveEndpointContext.Convert(exception, "")))
                .ConfigureAwait(false);
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(_failures - 1, 10));
        // A restored connection ends the pause.
        await _wake.WaitAsync(pause < MaxPause ? pause : MaxPause, stopping).ConfigureAwait(false);
    }

    /// <summary>An observer of the application's that throws must not end the receiving.</summary>
    async Task NotifyAsync(Func<Task> notify)
    {
        try
        {
            await notify().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogMessages.ObserverFailed(logger, settings.QueueName, exception);
        }
    }
}
