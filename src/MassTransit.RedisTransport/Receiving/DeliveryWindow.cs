using System.Diagnostics.CodeAnalysis;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>What to do with a message after its consumer has succeeded.</summary>
internal enum Completion
{
    /// <summary>It must be acknowledged now.</summary>
    Acknowledge,

    /// <summary>The next fetch will acknowledge it.</summary>
    AcknowledgeWithFetch,

    /// <summary>Its lease has ended, so it must not be acknowledged.</summary>
    Lost,

    /// <summary>It is already moved or acknowledged.</summary>
    Done,
}

/// <summary>
/// The messages that one endpoint holds: waiting in the order of the queue, being consumed, or being acknowledged. It counts them and
/// decides how many more may be leased. One lock guards all state; no code is awaited and no foreign code is called under it.
/// </summary>
internal sealed partial class DeliveryWindow(WindowSize size)
{
    /// <summary>How many acknowledgements may be on their way. With more of them the server does not keep up, and fetching waits.</summary>
    const int MaxSettling = 10_000;

    /// <summary>
    /// How long a free place waits for further free places, so that one fetch fills several. Slower consumers are not waited for.
    /// </summary>
    static readonly TimeSpan MaxGroupingWait = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a receiver without room waits before it looks what operators have set.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    readonly Lock _gate = new();
    readonly PriorityQueue<Delivery, ulong> _buffer = new();
    readonly HashSet<Delivery> _held = [];
    readonly AsyncSignal _slots = new();
    List<Acknowledgement> _finished = [];
    TaskCompletionSource? _idle;
    WindowSize _size = size;
    int _running;
    /// <summary>How many messages the held records contain beyond the first of each.</summary>
    int _further;
    int _settling;
    long _completed;
    int _slotsWanted;
    bool _fetchIsDue;
    bool _mustLook;
    bool _stopping;

    public bool IsStopping
    {
        get
        {
            lock (_gate)
                return _stopping;
        }
    }

    /// <summary>
    /// Waits until there is room for a message, and shortly for more room. Returns how many messages may be leased, and the finished ones
    /// that the fetch can acknowledge. Without room the wait was cancelled, or it is time to look what operators have set.
    /// </summary>
    /// <param name="enough">The room that makes a fetch worth its round trip; 1 if there is no backlog.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask<(int Room, List<Acknowledgement> Finished)> WaitForRoomAsync(int enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan timeout;
            lock (_gate)
            {
                var room = Math.Max(0, Room());
                if (room >= Math.Max(1, enough) || _mustLook)
                    return (room, TakeFinished());

                timeout = room >= 1 ? MaxGroupingWait : LookInterval;
                _slotsWanted = room >= 1 ? enough : 1;
                _fetchIsDue = true;
            }

            bool signalled;
            try
            {
                signalled = await _slots.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                lock (_gate)
                    return (0, TakeFinished());
            }

            lock (_gate)
            {
                _slotsWanted = 0;
                if (!signalled)
                    return (Math.Max(0, Room()), TakeFinished());
            }
        }
    }

    /// <summary>Adds messages. Returns how many workers must be started for them.</summary>
    public int Add(IEnumerable<Delivery> deliveries)
    {
        lock (_gate)
        {
            foreach (var delivery in deliveries)
            {
                _held.Add(delivery);
                _further += delivery.Message.Key.MessageCount - 1;
                _buffer.Enqueue(delivery, delivery.Sequence);
            }

            return Startable();
        }
    }

    /// <summary>Counts the workers that must be started as running.</summary>
    int Startable()
    {
        var start = _stopping ? 0 : Math.Max(0, Math.Min(_buffer.Count, _size.Concurrency - _running));
        _running += start;
        return start;
    }

    /// <summary>Takes the next message for a worker. If it returns false, the worker ends.</summary>
    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_gate)
        {
            delivery = null;
            while (_running <= _size.Concurrency && _buffer.TryDequeue(out delivery, out _))
            {
                if (delivery.State == DeliveryState.Held)
                {
                    OnChanged();
                    return true;
                }

                _further -= delivery.Message.Key.MessageCount - 1;
            }

            _running--;
            OnChanged();
            return false;
        }
    }

    /// <summary>
    /// Called when a worker is done with a message. The worker's own place becomes free with <see cref="TryTake"/>, those of further
    /// messages in the record now.
    /// </summary>
    public void Leave(Delivery delivery)
    {
        if (delivery.Message.Key.MessageCount == 1)
            return;

        lock (_gate)
        {
            _further -= delivery.Message.Key.MessageCount - 1;
            OnChanged();
        }
    }

    /// <summary>Returns the held messages that were last confirmed before <paramref name="before"/>, which a renewal must cover.</summary>
    public List<Delivery> HeldSince(long before)
    {
        lock (_gate)
            return [.. _held.Where(x => x.ConfirmedAt <= before)];
    }

    public bool IsHeld(Delivery delivery)
    {
        lock (_gate)
            return delivery.State == DeliveryState.Held;
    }

    /// <summary>
    /// Marks a lease as lost that the server no longer knows. Returns false if the message is finished, or is being moved or returned,
    /// because the result of that decides then. Otherwise the consumer, if there is one that was not cancelled before, must be cancelled.
    /// </summary>
    public bool TryLose(Delivery delivery, out RedisReceiveContext? consumer)
    {
        lock (_gate)
        {
            consumer = delivery.IsCancelled ? null : delivery.Context;
            if (delivery.State != DeliveryState.Held)
                return false;

            delivery.State = DeliveryState.Lost;
            _held.Remove(delivery);
            return !delivery.IsCancelled;
        }
    }

    /// <summary>
    /// Handles a lease that is over by the clock. Returns true if a consumer is at work that was not cancelled before and must be cancelled
    /// now.
    /// </summary>
    public bool TryCancel(Delivery delivery, [NotNullWhen(true)] out RedisReceiveContext? consumer)
    {
        lock (_gate)
        {
            consumer = delivery.Context;
            if (delivery.State != DeliveryState.Held || delivery.IsCancelled || consumer is null)
                return false;

            delivery.IsCancelled = true;
            return true;
        }
    }

    /// <summary>
    /// Allows the message to leave the server's set of leases until <see cref="End"/> or <see cref="Stay"/>. Returns false if it is not
    /// held.
    /// </summary>
    public bool TryLeave(Delivery delivery)
    {
        lock (_gate)
        {
            if (delivery.State != DeliveryState.Held)
                return false;

            delivery.State = DeliveryState.Leaving;
            return true;
        }
    }

    /// <summary>Called if the message could not leave, because the server did not answer or has refused.</summary>
    public void Stay(Delivery delivery)
    {
        lock (_gate)
        {
            if (delivery.State == DeliveryState.Leaving)
                delivery.State = DeliveryState.Held;
        }
    }

    public Completion Complete(Delivery delivery)
    {
        lock (_gate)
        {
            if (delivery.State != DeliveryState.Held)
                return delivery.State == DeliveryState.Lost ? Completion.Lost : Completion.Done;

            delivery.State = DeliveryState.Settling;
            _settling++;
            // A fetch that waits only for room follows within a millisecond and acknowledges it.
            if (!_fetchIsDue || _finished.Count >= LeaseReader.MaxRecords)
                return Completion.Acknowledge;

            _finished.Add(new Acknowledgement(delivery.Message.Lease, delivery));
            return Completion.AcknowledgeWithFetch;
        }
    }

    /// <summary>Called when the acknowledgement has arrived, or has failed for good.</summary>
    public void Settled(Delivery delivery, bool acknowledged)
    {
        lock (_gate)
        {
            if (acknowledged)
                _completed += delivery.Message.Key.MessageCount;
            delivery.State = DeliveryState.Done;
            _held.Remove(delivery);
            _settling--;
            OnChanged();
        }
    }

    /// <summary>Removes a message that was moved, returned or lost.</summary>
    public void End(Delivery delivery, DeliveryState state)
    {
        lock (_gate)
        {
            delivery.State = state;
            _held.Remove(delivery);
        }
    }

    public void SetContext(Delivery delivery, RedisReceiveContext? context)
    {
        lock (_gate)
            delivery.Context = context;
    }

    /// <summary>Returns the consumers at work.</summary>
    public List<RedisReceiveContext> Consumers()
    {
        lock (_gate)
            return [.. _held.Where(x => x.State == DeliveryState.Held).Select(x => x.Context).OfType<RedisReceiveContext>()];
    }

    /// <summary>
    /// Starts no further consumers. Returns the messages that no consumer has begun, and a task that completes with the last consumer and
    /// acknowledgement.
    /// </summary>
    public (List<Delivery> Unstarted, Task Idle) Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            List<Delivery> unstarted = [.. _buffer.UnorderedItems.Select(x => x.Element).Where(x => x.State == DeliveryState.Held)];
            _buffer.Clear();
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            OnChanged();
            return (unstarted, _idle.Task);
        }
    }

    /// <summary>How many messages are held, and how many have been acknowledged so far.</summary>
    public (int Held, long Completed) Read()
    {
        lock (_gate)
            return (_held.Sum(static x => x.Message.Key.MessageCount), _completed);
    }

    List<Acknowledgement> TakeFinished()
    {
        _fetchIsDue = false;
        _mustLook = false;
        _slotsWanted = 0;
        if (_finished.Count == 0)
            return [];

        var finished = _finished;
        _finished = [];
        return finished;
    }

    int Room() => _stopping || _settling >= MaxSettling ? 0 : _size.Prefetch - _buffer.Count - _running - _further;

    /// <summary>Called after every change that may make room or end the work.</summary>
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
}
