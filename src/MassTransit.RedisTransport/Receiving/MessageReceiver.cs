using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Runs the consumers of one endpoint and sends their results to the server. Workers are loops on the thread pool that are only counted, so
/// a limit of 1,000 costs no more than one of 16. A worker does not wait for an acknowledgement: it is sent with others while the worker
/// continues, and the lease is renewed until it has arrived.
/// </summary>
internal sealed partial class MessageReceiver : ILeaseHolder
{
    static readonly TimeSpan FirstFaultDelay = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan MaxFaultDelay = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The delay before a returned record is delivered again. It is long enough for a short disturbance to pass, and short for the waiting
    /// messages in the record.
    /// </summary>
    static readonly TimeSpan ReturnDelay = TimeSpan.FromMilliseconds(500);

    readonly RedisReceiveEndpointContext _context;
    readonly RedisReceiveSettings _settings;
    readonly QueueEngine _engine;
    readonly ILogger _logger;
    readonly IReceivePipeDispatcher _dispatcher;
    readonly DeliveryGuard _guard;
    readonly WindowSize _configured;
    readonly DeliveryWindow _window;
    bool _toldOfForeign;

    public MessageReceiver(RedisReceiveEndpointContext context, RedisReceiveSettings settings, QueueEngine engine, ILogger logger)
    {
        _context = context;
        _settings = settings;
        _engine = engine;
        _logger = logger;
        Queue = engine.Queue(settings.QueueName);
        if (settings.AutoDeleteOnIdle is not null)
            Queue.Meter.CountAsTemporary();
        _dispatcher = context.CreateReceivePipeDispatcher();
        _guard = new DeliveryGuard(context, settings, logger);
        Clock = new LeaseClock(settings.LeaseDuration);
        _configured = new WindowSize(context.PrefetchCount, Math.Max(1, context.ConcurrentMessageLimit ?? context.PrefetchCount));
        _window = new DeliveryWindow(_configured);
        // Queues that delete themselves are as many as clients, and nothing can be set for them.
        _orders = settings.AutoDeleteOnIdle is null ? context.Engine.Controls.Of(settings.QueueName) : new QueueOrders();
        _orders.Changed += OnFollowersChanged;
    }

    public MessageQueue Queue { get; }

    /// <inheritdoc/>
    public string QueueName => Queue.Name.Value;

    public LeaseClock Clock { get; }

    public long DeliveryCount => _dispatcher.DispatchCount;

    public int ConcurrentDeliveryCount => _dispatcher.MaxConcurrentDispatchCount;

    /// <inheritdoc cref="DeliveryWindow.WaitForRoomAsync"/>
    /// <exception cref="OperationCanceledException">The wait was cancelled before there was room.</exception>
    public async ValueTask<(int Room, IReadOnlyList<Acknowledgement> Finished)> WaitForRoomAsync(int enough,
        CancellationToken cancellationToken)
    {
        var (room, finished) = await _window.WaitForRoomAsync(enough, cancellationToken).ConfigureAwait(false);
        if (room > 0 || !cancellationToken.IsCancellationRequested)
            return (room, finished);

        // No further fetch will acknowledge them, so they are acknowledged now.
        foreach (var acknowledgement in finished)
            Queue.Settle(acknowledgement.Lease, acknowledgement.Listener);
        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Adds the messages of a lease call and starts the workers that are needed.</summary>
    /// <param name="result">The result of the lease call.</param>
    /// <param name="calledAt">When the call began. No lease ends earlier than its duration after this.</param>
    public void Accept(LeaseResult result, long calledAt)
    {
        Queue.Meter.Leased(result.MessageCount, result.Reclaimed, QueueMeter.CountsRedelivered ? result.Redelivered : 0);
        Volatile.Write(ref _accepted, _accepted + result.MessageCount);
        if (result.Foreign > 0 && !_toldOfForeign)
        {
            _toldOfForeign = true;
            LogMessages.ForeignMembers(_logger, Queue.Name.Value, result.Foreign);
        }

        if (result.Messages.Length > 0)
            Start(result.Messages.Select(x =>
                new Delivery(x, x.Key.SequenceNumber(_settings.PriorityAging), result.LeasedAt ?? calledAt, this)
                {
                    ServerTime = result.ServerTime,
                }));
    }

    void Start(IEnumerable<Delivery> deliveries)
    {
        StartWorkers(_window.Add(deliveries));
    }

    void StartWorkers(int count)
    {
        for (var i = 0; i < count; i++)
            ThreadPool.UnsafeQueueUserWorkItem(static receiver => _ = receiver.WorkAsync(), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public Task CompleteAsync(Delivery delivery)
    {
        switch (_window.Complete(delivery))
        {
            case Completion.Lost:
                return Task.FromException(LeaseLost(delivery));
            case Completion.Acknowledge:
                Queue.Settle(delivery.Message.Lease, delivery);
                break;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void OnSettled(Delivery delivery, bool leaseLost, Exception? error)
    {
        _window.Settled(delivery, acknowledged: !leaseLost && error is null);
        OnLeft();
        if (leaseLost)
        {
            Queue.Meter.LeaseLost();
            LogMessages.AcknowledgementRefused(_logger, Queue.Name.Value, delivery.Message.Lease.ToString());
        }
        else if (error is not null)
        {
            LogMessages.AcknowledgementFailed(_logger, Queue.Name.Value, delivery.Message.Lease.ToString(), error);
        }
    }

    /// <inheritdoc/>
    public async Task FaultedAsync(Delivery delivery, Exception exception)
    {
        if (!_window.IsHeld(delivery))
            return;

        // A consumer that was cancelled by the stop of the endpoint has not failed.
        var stopped = _window.IsStopping && exception is OperationCanceledException;
        var delay = stopped ? TimeSpan.Zero : FaultDelay(delivery.Message.DeliveryCount);
        await GiveBackAsync([delivery], delay, failedDelivery: !stopped, CancellationToken.None).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task ReturnAsync(Delivery delivery)
    {
        if (!_window.TryLeave(delivery))
            return;

        try
        {
            await Queue.ReturnAsync(delivery.Message.Lease, _window.IsStopping ? TimeSpan.Zero : ReturnDelay).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The lease expires by itself, and the next receiver sees that too.
            LogMessages.ReleaseFailed(_logger, Queue.Name.Value, 1, exception);
        }

        _window.End(delivery, DeliveryState.Done);
    }

    /// <inheritdoc/>
    public async Task MoveAsync(Delivery delivery, string target, MessageRecord record)
    {
        using var activity = ReceiveActivity.StartMove(Queue.Name.Value, target, ref record);
        try
        {
            await MoveRecordAsync(delivery, target, record).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity.Failed(exception);
            throw;
        }
    }

    async Task MoveRecordAsync(Delivery delivery, string target, MessageRecord record)
    {
        if (!_window.TryLeave(delivery))
        {
            // The message was already split, put off or returned, so nothing is left to do.
            if (delivery.State == DeliveryState.Done)
                return;
            throw LeaseLost(delivery);
        }

        await LeaveAsync(delivery, () =>
            DeadLetterMove.MoveAsync(_engine, Queue, target, delivery.Message, record, _settings.LeaseDuration)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task PutOffAsync(Delivery delivery, MessageRecord record, TimeSpan delay) => _window.TryLeave(delivery)
        ? LeaveAsync(delivery, () => Queue.PutOffAsync(delivery.Message.Lease, record.Pack(), delay))
        : Task.FromException(LeaseLost(delivery));

    /// <summary>Runs an operation by which the message leaves. If <paramref name="leave"/> returns false, the lease was lost.</summary>
    async Task LeaveAsync(Delivery delivery, Func<Task<bool>> leave)
    {
        bool left;
        try
        {
            left = await leave().ConfigureAwait(false);
        }
        catch
        {
            _window.Stay(delivery);
            throw;
        }

        // A lost lease whose consumer was cancelled has already been counted.
        if (!left && !delivery.IsCancelled)
            Queue.Meter.LeaseLost();
        _window.End(delivery, left ? DeliveryState.Done : DeliveryState.Lost);
        OnLeft();
        if (!left)
            throw LeaseLost(delivery);
    }

    /// <inheritdoc/>
    public async Task SplitAsync(Delivery delivery, IReadOnlyList<(MessageRecord Record, Action<ReceiveContext> Prepare)> parts)
    {
        var records = parts.Select(x => (ReadOnlyMemory<byte>)x.Record.Pack()).ToArray();
        if (!_window.TryLeave(delivery))
            throw LeaseLost(delivery);

        LeasedMessage[] messages = [];
        var leasedAt = 0L;
        await LeaveAsync(delivery, async () =>
        {
            leasedAt = Stopwatch.GetTimestamp();
            var split = await Queue.SplitAsync(delivery.Message, _settings.LeaseDuration, records, _settings.MaxDeliveryCount - 1)
                .ConfigureAwait(false);
            messages = split ?? [];
            return split is not null;
        }).ConfigureAwait(false);

        Delivery[] deliveries =
        [
            .. messages.Select((x, i) =>
                new Delivery(_guard.PartOf(delivery.Message, x), x.Key.SequenceNumber(_settings.PriorityAging), leasedAt, this)
            {
                ServerTime = delivery.ServerTime,
                Prepare = parts[i].Prepare,
            }),
        ];
        // Messages that do not fit here, or would not be started any more, are left to other receivers.
        var keep = _window.IsStopping || _isPaused ? 0 : Math.Min(deliveries.Length, _window.Size.Prefetch);
        Start(deliveries.Take(keep));
        await GiveBackAsync([.. deliveries.Skip(keep)], TimeSpan.Zero, failedDelivery: false, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the messages that no consumer has begun, and waits for the consumers at work and then for the acknowledgements on their way.
    /// Each step has a time limit.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _orders.Changed -= OnFollowersChanged;
        var (unstarted, idle) = _window.Stop();
        // Ends all waits for a renewal.
        Clock.EndRound();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(TimeSpan.FromSeconds(5));
        await GiveBackAsync(unstarted, TimeSpan.Zero, failedDelivery: false, bound.Token).ConfigureAwait(false);

        if (_context.ConsumerStopTimeout is { } timeout)
        {
            using var cancel = new CancellationTokenSource(timeout);
            await using var registration = cancel.Token.Register(CancelConsumers).ConfigureAwait(false);
            await WaitAsync(idle, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await WaitAsync(idle, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task WaitAsync(Task idle, CancellationToken cancellationToken)
    {
        try
        {
            await idle.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The stop timeout is over. The consumers are cancelled, and their messages wait until their leases expire.
            CancelConsumers();
        }
    }

    void CancelConsumers()
    {
        foreach (var context in _window.Consumers())
            Cancel(context);
    }

    async Task WorkAsync()
    {
        LogContext.Current = _context.LogContext;
        while (_window.TryTake(out var delivery))
        {
            try
            {
                if (await HoldsAsync(delivery).ConfigureAwait(false))
                    await ProcessAsync(delivery).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // The dispatch has already notified observers and returned the message, so the exception is only logged.
                LogMessages.DispatchFaulted(_logger, Queue.Name.Value, exception);
                await FaultedAsync(delivery, exception).ConfigureAwait(false);
            }

            _window.Leave(delivery);
        }
    }

    async Task ProcessAsync(Delivery delivery)
    {
        if (await _guard.AdmitAsync(this, delivery).ConfigureAwait(false) is not { } record)
            return;

        using var context = new RedisReceiveContext(delivery, record, _context, this);
        _window.SetContext(delivery, context);
        try
        {
            await _dispatcher.Dispatch(context, context).ConfigureAwait(false);
        }
        finally
        {
            _window.SetContext(delivery, null);
        }
    }

    /// <summary>Returns leases whose messages were never handed to this receiver. It never throws.</summary>
    public async Task GiveBackAsync(IReadOnlyList<LeaseHandle> leases)
    {
        if (leases.Count == 0)
            return;

        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await Queue.ReleaseAsync(leases, TimeSpan.Zero, failedDelivery: false, bound.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogMessages.ReleaseFailed(_logger, Queue.Name.Value, leases.Count, exception);
        }
    }

    async Task GiveBackAsync(List<Delivery> deliveries, TimeSpan delay, bool failedDelivery, CancellationToken cancellationToken)
    {
        List<Delivery> leaving = [.. deliveries.Where(_window.TryLeave)];
        if (leaving.Count == 0)
            return;

        try
        {
            await Queue.ReleaseAsync([.. leaving.Select(x => x.Message.Lease)], delay, failedDelivery, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // After any failure the leases expire by themselves. The worker that returns them must go on.
            LogMessages.ReleaseFailed(_logger, Queue.Name.Value, leaving.Count, exception);
        }

        foreach (var delivery in leaving)
            _window.End(delivery, DeliveryState.Done);
    }

    static TimeSpan FaultDelay(int failedDeliveries)
    {
        var delay = FirstFaultDelay * Math.Pow(2, Math.Min(failedDeliveries, 10));
        return delay < MaxFaultDelay ? delay : MaxFaultDelay;
    }
}
