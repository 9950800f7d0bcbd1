using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Holds the messages one endpoint has leased: a buffer in the queue's order and a bounded number of workers that dispatch from
/// it. Workers are loops on the thread pool, counted, so that a limit of 1,000 costs no more than one of 16. An acknowledgement
/// does not hold its worker up: it travels with others while the worker goes on, and its lease is renewed until it has arrived.
/// </summary>
internal sealed class MessageReceiver
{
    /// <summary>More acknowledgements than this on their way means that the server does not keep up: fetching waits.</summary>
    const int MaxSettling = 10_000;

    static readonly TimeSpan FirstFaultDelay = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan MaxFaultDelay = TimeSpan.FromSeconds(10);

    readonly RedisReceiveEndpointContext _context;
    readonly RedisReceiveSettings _settings;
    readonly QueueBroker _broker;
    readonly ILogger _logger;
    readonly IReceivePipeDispatcher _dispatcher;
    readonly DeliveryGuard _guard;
    readonly int _prefetch;
    readonly int _concurrency;
    readonly Lock _gate = new();
    readonly PriorityQueue<Delivery, ulong> _buffer = new();
    readonly HashSet<Delivery> _held = [];
    readonly AsyncSignal _slots = new();
    List<Acknowledgement> _finished = [];
    TaskCompletionSource? _idle;
    int _running;
    int _settling;
    int _slotsWanted;
    bool _fetchIsDue;
    bool _stopping;

    public MessageReceiver(RedisReceiveEndpointContext context, RedisReceiveSettings settings, QueueBroker broker, ILogger logger)
    {
        _context = context;
        _settings = settings;
        _broker = broker;
        _logger = logger;
        Queue = broker.Queue(settings.QueueName);
        _dispatcher = context.CreateReceivePipeDispatcher();
        _guard = new DeliveryGuard(context, settings, logger);
        _prefetch = context.PrefetchCount;
        _concurrency = Math.Max(1, context.ConcurrentMessageLimit ?? context.PrefetchCount);
    }

    public BrokerQueue Queue { get; }

    public long DeliveryCount => _dispatcher.DispatchCount;

    public int ConcurrentDeliveryCount => _dispatcher.MaxConcurrentDispatchCount;

    /// <summary>
    /// How many more messages may be leased, and what is finished meanwhile and can ride along. Waits until there is room for
    /// one, and briefly for a good number of them.
    /// </summary>
    /// <param name="enough">What makes a fetch worth its round trip; 1 where there is no backlog.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<(int Room, IReadOnlyList<Acknowledgement> Finished)> WaitForRoomAsync(int enough, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                TimeSpan timeout;
                lock (_gate)
                {
                    var room = Room();
                    if (room >= Math.Max(1, enough))
                        return (room, TakeFinished());

                    // The longest a free place waits for company: consumers slower than that are not waited for.
                    timeout = room >= 1 ? TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan;
                    _slotsWanted = room >= 1 ? enough : 1;
                    _fetchIsDue = true;
                }

                var signalled = await _slots.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    _slotsWanted = 0;
                    if (!signalled && Room() is >= 1 and var room)
                        return (room, TakeFinished());
                }
            }
        }
        catch
        {
            FlushFinished();
            throw;
        }
    }

    /// <summary>Takes over what a lease call brought and starts as many workers as there is work for.</summary>
    public void Accept(LeaseResult result)
    {
        if (result.Messages.Length == 0)
            return;

        var now = Stopwatch.GetTimestamp();
        int start;
        lock (_gate)
        {
            foreach (var message in result.Messages)
            {
                var delivery = new Delivery(message, message.Key.SequenceNumber(_settings.PriorityAging), now, this)
                {
                    ServerTime = result.ServerTime,
                };
                _held.Add(delivery);
                _buffer.Enqueue(delivery, delivery.Sequence);
            }

            start = _stopping ? 0 : Math.Min(_buffer.Count, _concurrency - _running);
            _running += start;
        }

        for (var i = 0; i < start; i++)
            ThreadPool.UnsafeQueueUserWorkItem(static receiver => _ = receiver.WorkAsync(), this, preferLocal: false);
    }

    /// <summary>What is held and was leased before <paramref name="before"/>: what a renewal must cover.</summary>
    public List<Delivery> HeldSince(long before)
    {
        lock (_gate)
            return [.. _held.Where(x => x.LeasedAt <= before)];
    }

    /// <summary>Tells the consumer of a lost lease, unless it has finished meanwhile.</summary>
    public void OnLeaseLost(Delivery delivery)
    {
        RedisReceiveContext? context;
        lock (_gate)
        {
            if (delivery.State != DeliveryState.Held)
                return;

            delivery.State = DeliveryState.Lost;
            _held.Remove(delivery);
            context = delivery.Context;
        }

        LogMessages.LeaseLost(_logger, Queue.Name.Value, delivery.Message.Lease.ToString());
        Cancel(context);
    }

    public Task Complete(Delivery delivery)
    {
        lock (_gate)
        {
            switch (delivery.State)
            {
                case DeliveryState.Lost:
                    return Task.FromException(LeaseLost(delivery));
                case DeliveryState.Held:
                    delivery.State = DeliveryState.Settling;
                    _settling++;
                    // A fetch that only waits for room comes within a millisecond of this, and takes it along.
                    if (_fetchIsDue && _finished.Count < LeaseLane.MaxMessages)
                    {
                        _finished.Add(new Acknowledgement(delivery.Message.Lease, delivery));
                        return Task.CompletedTask;
                    }

                    break;
                default:
                    return Task.CompletedTask;
            }
        }

        Queue.Settle(delivery.Message.Lease, delivery);
        return Task.CompletedTask;
    }

    public void OnSettled(Delivery delivery, bool leaseLost, Exception? error)
    {
        lock (_gate)
        {
            delivery.State = DeliveryState.Done;
            _held.Remove(delivery);
            _settling--;
            OnChanged();
        }

        if (leaseLost)
            LogMessages.AcknowledgementRefused(_logger, Queue.Name.Value, delivery.Message.Lease.ToString());
        else if (error is not null)
            LogMessages.AcknowledgementFailed(_logger, Queue.Name.Value, delivery.Message.Lease.ToString(), error.Message);
    }

    /// <summary>Gives a message back that faulted outside its consumer's retries, a little later each time. Never throws.</summary>
    public async Task FaultedAsync(Delivery delivery, Exception exception)
    {
        bool stopping;
        lock (_gate)
        {
            if (delivery.State != DeliveryState.Held)
                return;
            stopping = _stopping && exception is OperationCanceledException;
        }

        // A consumer that was cancelled because the endpoint stops has not failed.
        var delay = stopping ? TimeSpan.Zero : FaultDelay(delivery.Message.DeliveryCount);
        await GiveBackAsync([delivery], delay, failedDelivery: !stopping, CancellationToken.None).ConfigureAwait(false);
    }

    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    public async Task MoveAsync(Delivery delivery, string target, MessageRecord record)
    {
        var queue = _broker.Queue(target);
        var packed = record.Pack();
        bool moved;
        if (queue.Name.Tag == Queue.Name.Tag)
        {
            moved = await Queue.MoveAsync(delivery.Message.Lease, queue, packed).ConfigureAwait(false);
        }
        else
        {
            // A dead-letter queue with a name of its own lies in another slot: stored once, however often this is repeated.
            await queue.SendAsync(new OutgoingMessage(packed, delivery.Message.Key.Priority,
                DedupeId: $"{Queue.Name}:{delivery.Message.Lease}", DedupeWindow: TimeSpan.FromHours(1))).ConfigureAwait(false);
            moved = await Queue.SettleAsync(delivery.Message.Lease).ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (moved)
                delivery.State = DeliveryState.Done;
            else
                delivery.State = DeliveryState.Lost;
            _held.Remove(delivery);
        }

        if (!moved)
            throw LeaseLost(delivery);
    }

    /// <summary>Acknowledges without a consumer, for what is dropped.</summary>
    public Task DropAsync(Delivery delivery) => Complete(delivery);

    public LeaseLostException LeaseLost(Delivery delivery) => new(
        $"The lease of message {delivery.Message.Lease} in '{Queue.Name}' was lost before its consumer finished: the message was or will be delivered again. "
        + "LeaseDuration must be above the longest freeze of the process.");

    /// <summary>
    /// Gives back what no consumer has begun, waits for those at work, then for acknowledgements on their way. Each step is bounded.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        List<Delivery> unstarted;
        Task idle;
        lock (_gate)
        {
            _stopping = true;
            unstarted = [.. _buffer.UnorderedItems.Select(x => x.Element).Where(x => x.State == DeliveryState.Held)];
            _buffer.Clear();
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
            OnChanged();
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(TimeSpan.FromSeconds(5));
        await GiveBackAsync(unstarted, TimeSpan.Zero, failedDelivery: false, bound.Token).ConfigureAwait(false);

        if (_context.ConsumerStopTimeout is { } patience)
        {
            using var cancel = new CancellationTokenSource(patience);
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
            // The stop timeout is over: consumers are told, and their messages wait for their leases to end.
            CancelConsumers();
        }
    }

    void CancelConsumers()
    {
        List<RedisReceiveContext> contexts;
        lock (_gate)
            contexts = [.. _held.Where(x => x.Context is not null && x.State == DeliveryState.Held).Select(x => x.Context!)];
        foreach (var context in contexts)
            Cancel(context);
    }

    async Task WorkAsync()
    {
        LogContext.Current = _context.LogContext;
        while (TryTake(out var delivery))
        {
            try
            {
                await ProcessAsync(delivery).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Dispatch has told observers and given the message back; what is left is to say so once.
                LogMessages.DispatchFaulted(_logger, Queue.Name.Value, exception);
                await FaultedAsync(delivery, exception).ConfigureAwait(false);
            }
        }
    }

    bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_gate)
        {
            while (_buffer.TryDequeue(out delivery, out _))
            {
                if (delivery.State == DeliveryState.Held)
                {
                    OnChanged();
                    return true;
                }
            }

            _running--;
            OnChanged();
            return false;
        }
    }

    async Task ProcessAsync(Delivery delivery)
    {
        if (await _guard.AdmitAsync(this, delivery).ConfigureAwait(false) is not { } record)
            return;

        using var context = new RedisReceiveContext(delivery, record, _context, this);
        lock (_gate)
            delivery.Context = context;
        try
        {
            await _dispatcher.Dispatch(context, context).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                delivery.Context = null;
        }
    }

    async Task GiveBackAsync(List<Delivery> deliveries, TimeSpan delay, bool failedDelivery, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0)
            return;

        try
        {
            await Queue.ReleaseAsync([.. deliveries.Select(x => x.Message.Lease)], delay, failedDelivery, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever it was: their leases end by themselves, and the worker that gives them back must live.
            LogMessages.ReleaseFailed(_logger, Queue.Name.Value, deliveries.Count, exception.Message);
        }

        lock (_gate)
        {
            foreach (var delivery in deliveries)
            {
                delivery.State = DeliveryState.Done;
                _held.Remove(delivery);
            }
        }
    }

    /// <summary>Under the gate.</summary>
    List<Acknowledgement> TakeFinished()
    {
        _fetchIsDue = false;
        if (_finished.Count == 0)
            return [];

        var finished = _finished;
        _finished = [];
        return finished;
    }

    void FlushFinished()
    {
        List<Acknowledgement> finished;
        lock (_gate)
        {
            _slotsWanted = 0;
            finished = TakeFinished();
        }

        foreach (var acknowledgement in finished)
            Queue.Settle(acknowledgement.Lease, acknowledgement.Listener);
    }

    /// <summary>Under the gate: places a message may take.</summary>
    int Room() => _stopping || _settling >= MaxSettling ? 0 : _prefetch - _buffer.Count - _running;

    /// <summary>Under the gate, after anything that may make room or end the work.</summary>
    void OnChanged()
    {
        if (_slotsWanted > 0 && Room() >= _slotsWanted)
        {
            _slotsWanted = 0;
            _slots.Set();
        }

        if (_idle is { } idle && _running == 0 && _settling == 0)
            idle.TrySetResult();
    }

    static TimeSpan FaultDelay(int failedDeliveries)
    {
        var delay = FirstFaultDelay * Math.Pow(2, Math.Min(failedDeliveries, 10));
        return delay < MaxFaultDelay ? delay : MaxFaultDelay;
    }

    static void Cancel(RedisReceiveContext? context)
    {
        try
        {
            context?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It finished just now.
        }
        catch (AggregateException)
        {
            // A callback of the consumer's own threw while it was told; that is its own affair.
        }
    }
}
