using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Leases messages if there is room for them, sleeps if there are none, and continues after every outage: it renews the held leases,
/// declares queue and subscriptions, and only then leases new messages. Only a stop ends it, no failure does.
/// </summary>
internal sealed class FetchLoop(
    MessageReceiver receiver,
    QueueEngine engine,
    EndpointTopology topology,
    RedisReceiveEndpointContext context,
    RedisReceiveSettings settings,
    ILogger logger,
    DeliveryMetrics metrics)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long after an outage expired leases are left to their owners. Other processes that work on those messages need about this long
    /// to reconnect and renew them.
    /// </summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The pause between two attempts to declare what was refused.</summary>
    static readonly TimeSpan DeployPause = TimeSpan.FromSeconds(5);

    readonly WakeUps _wakeUps = new(receiver.Queue, receiver.Look, logger);
    volatile bool _restored;
    Exception? _deployRefused;
    long _deployedAt;
    long _restoredAt;
    long _interruptedAt;
    int _failures;
    bool _ready;

    /// <summary>True after the endpoint was ready.</summary>
    public bool WasReady { get; private set; }

    /// <param name="afterOutage">True if the start had to wait for the server.</param>
    /// <param name="deployRefused">Why not all subscriptions could be declared; <c>null</c> if they are.</param>
    /// <param name="stopping">Ends the loop.</param>
    public async Task RunAsync(bool afterOutage, Exception? deployRefused, CancellationToken stopping)
    {
        _restoredAt = afterOutage ? Stopwatch.GetTimestamp() : 0;
        _deployRefused = deployRefused;
        _deployedAt = Stopwatch.GetTimestamp();
        var lane = receiver.Queue.CreateReader(receiver.Id);
        engine.Connection.Restored += OnRestored;
        receiver.Left += _wakeUps.Set;
        try
        {
            var backlog = false;
            while (!stopping.IsCancellationRequested)
            {
                LeaseResult result;
                int limit;
                try
                {
                    await _wakeUps.ListenAsync(stopping).ConfigureAwait(false);
                    await RestoreAsync(stopping).ConfigureAwait(false);

                    var enough = backlog ? Math.Min(receiver.Size.Prefetch / 2, LeaseReader.MaxRecords) : 1;
                    var (room, finished) = await receiver.WaitForRoomAsync(enough, stopping).ConfigureAwait(false);
                    limit = Math.Min(room, LeaseReader.MaxMessages);
                    var reclaim = _restoredAt == 0 || Stopwatch.GetElapsedTime(_restoredAt) > Grace;
                    var calledAt = Stopwatch.GetTimestamp();
                    // A stop does not cancel this call, because the messages that it leases must be known and returned.
                    result = await lane.LeaseAsync(limit, settings.LeaseDuration, finished, reclaim, CancellationToken.None)
                        .ConfigureAwait(false);
                    await receiver.ObeyAsync(result.Control).ConfigureAwait(false);
                    receiver.Accept(result, calledAt);
                    if (!result.Declared)
                    {
                        LogMessages.Redeclared(logger, settings.QueueName);
                        await topology.RestoreAsync(stopping).ConfigureAwait(false);
                    }
                }
                catch (Exception exception)
                {
                    // During a stop any failure ends the loop, because the receiver must still be stopped in order, with or without the
                    // server.
                    if (stopping.IsCancellationRequested)
                        break;

                    backlog = false;
                    await InterruptedAsync(exception, stopping).ConfigureAwait(false);
                    continue;
                }

                if (_failures > 0 || !_ready)
                    await ReadyAsync().ConfigureAwait(false);
                if (result.Reclaimed > 0)
                    LogMessages.Reclaimed(logger, settings.QueueName, result.Reclaimed);

                backlog = limit > 0 && (result.MessageCount >= limit || result.Messages.Length >= LeaseReader.MaxRecords);
                // Without room it has only looked, and waits for room again.
                if (!backlog && limit > 0)
                    await _wakeUps.SleepAsync(result.NextDue, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The stop came during the wait.
        }
        finally
        {
            engine.Connection.Restored -= OnRestored;
            receiver.Left -= _wakeUps.Set;
            await receiver.GiveBackAsync(lane.Held).ConfigureAwait(false);
            _wakeUps.Stop();
        }
    }

    void OnRestored()
    {
        _restored = true;
        _wakeUps.OnRestored();
    }

    /// <summary>
    /// Called after every reconnect, before new messages are leased. It renews the held leases, so that no receiver takes the messages
    /// back, and declares queue and subscriptions, which are missing on a server that has come back with older data.
    /// </summary>
    async Task RestoreAsync(CancellationToken stopping)
    {
        if (!_restored && (_deployRefused is null || Stopwatch.GetElapsedTime(_deployedAt) < DeployPause))
            return;

        if (_restored)
        {
            _restored = false;
            try
            {
                await receiver.RenewAllAsync(stopping).ConfigureAwait(false);
            }
            catch
            {
                _restored = true;
                throw;
            }

            _restoredAt = Stopwatch.GetTimestamp();
        }

        try
        {
            _deployedAt = Stopwatch.GetTimestamp();
            await topology.DeployAsync(stopping).ConfigureAwait(false);
            _deployRefused = null;
        }
        catch (RedisTransportException exception) when (!exception.IsTransient)
        {
            // A full server refuses a new subscription. This must not keep a consumer from draining it.
            if (_deployRefused is null)
            {
                LogMessages.DeployRefused(logger, settings.QueueName, exception.Message, exception);
                await NotifyAsync(() => context.TransportObservers.NotifyFaulted(context.InputAddress,
                    RedisReceiveEndpointContext.ToConnectionException(exception)))
                    .ConfigureAwait(false);
            }

            _deployRefused = exception;
            _ready = false;
        }
        catch
        {
            _restored = true;
            throw;
        }
    }

    async Task ReadyAsync()
    {
        if (_failures > 0)
            LogMessages.ReceiveResumed(logger, settings.QueueName, Stopwatch.GetElapsedTime(_interruptedAt));
        _failures = 0;
        // The endpoint is not ready before it has all its subscriptions.
        if (_deployRefused is not null)
            return;

        _ready = true;
        WasReady = true;
        await NotifyAsync(() => context.TransportObservers.NotifyReady(context.InputAddress)).ConfigureAwait(false);
    }

    /// <summary>
    /// Reports the health of the endpoint: degraded at the first failure, unhealthy if the failures continue, healthy again with the first
    /// answer.
    /// </summary>
    async Task InterruptedAsync(Exception exception, CancellationToken stopping)
    {
        _failures++;
        _ready = false;
        // The state must be restored after any failure, because the server may have lost data or another one may have replaced it.
        _restored = true;
        engine.Connection.RefreshRoles();
        var refused = exception is RedisTransportException { IsTransient: false };
        if (_failures == 1)
        {
            _interruptedAt = Stopwatch.GetTimestamp();
            if (refused)
                LogMessages.ReceiveRefused(logger, settings.QueueName, exception.Message, exception);
            else
                LogMessages.ReceiveInterrupted(logger, settings.QueueName, exception.Message, exception);
            await NotifyAsync(() => context.TransportObservers.NotifyCompleted(context.InputAddress, metrics)).ConfigureAwait(false);
            context.IsStillStarted();
        }

        if (_failures == 3 || (refused && _failures == 1))
            await NotifyAsync(() => context.TransportObservers.NotifyFaulted(context.InputAddress,
                RedisReceiveEndpointContext.ToConnectionException(exception)))
                .ConfigureAwait(false);

        var pause = FirstPause * Math.Pow(2, Math.Min(_failures - 1, 10));
        // A restored connection ends the pause early.
        await _wakeUps.PauseAsync(pause < MaxPause ? pause : MaxPause, stopping).ConfigureAwait(false);
    }

    /// <summary>Calls the application's observers. An exception of an observer must not end the receiving.</summary>
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
