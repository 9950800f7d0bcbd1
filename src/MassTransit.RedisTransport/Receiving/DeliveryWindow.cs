using System.Diagnostics.CodeAnalysis;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>What a consumer's success means for its message.</summary>
internal enum Completion
{
    /// <summary>To be acknowledged now.</summary>
    Acknowledge,

    /// <summary>Will be acknowledged by the fetch that is about to come.</summary>
    AcknowledgeWithFetch,

    /// <summary>The lease had ended: nothing may be acknowledged.</summary>
    Lost,

    /// <summary>Moved or acknowledged before.</summary>
    Done,
}

/// <summary>
/// The messages one endpoint holds: waiting in the queue's order, being consumed, or being acknowledged. Counts them, and
/// knows how many more may be leased. One lock guards all of it; nothing is awaited or called out to under it.
/// </summary>
internal sealed class DeliveryWindow(int prefetch, int concurrency)
{
    /// <summary>More acknowledgements than this on their way means that the server does not keep up: fetching waits.</summary>
    const int MaxSettling = 10_000;

    /// <summary>The longest a free place waits for more of them: consumers slower than that are not waited for.</summary>
    static readonly TimeSpan MaxGroupingWait = TimeSpan.FromMilliseconds(1);

    readonly Lock _gate = new();
    readonly PriorityQueue<Delivery, ulong> _buffer = new();
    readonly HashSet<Delivery> _held = [];
    readonly AsyncSignal _slots = new();
    List<Acknowledgement> _finished = [];
    TaskCompletionSource? _idle;
    int _running;
    /// <summary>Messages that the records here hold beyond one each.</summary>
    int _further;
    int _settling;
    int _slotsWanted;
    bool _fetchIsDue;
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
    /// How many more messages may be leased, and what is finished meanwhile and can go along. Waits until there is room for
    /// one, and briefly for a good number of them. No room: the wait was cancelled.
    /// </summary>
    /// <param name="enough">What makes a fetch worth its round trip; 1 where there is no backlog.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<(int Room, List<Acknowledgement> Finished)> WaitForRoomAsync(int enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan timeout;
            lock (_gate)
            {
                var room = Room();
                if (room >= Math.Max(1, enough))
                    return (room, TakeFinished());

                timeout = room >= 1 ? MaxGroupingWait : Timeout.InfiniteTimeSpan;
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
                if (!signalled && Room() is >= 1 and var room)
                    return (room, TakeFinished());
            }
        }
    }

    /// <summary>Takes messages in. Returns how many workers are to be started for them.</summary>
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

            var start = _stopping ? 0 : Math.Min(_buffer.Count, concurrency - _running);
            _running += start;
            return start;
        }
    }

    /// <summary>The next message for a worker; false ends the worker.</summary>
    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
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

                _further -= delivery.Message.Key.MessageCount - 1;
            }

            _running--;
            OnChanged();
            return false;
        }
    }

    /// <summary>A worker is done with it. Its own place is free with <see cref="TryTake"/>, those of its further messages now.</summary>
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

    /// <summary>What is held and was confirmed last before <paramref name="before"/>: what a renewal must cover.</summary>
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
    /// The server does not know the lease any more. False where the message is finished, or is being moved or given back, which
    /// then says what became of it. Otherwise its consumer, if it has one that was not told before, is to be told.
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

    /// <summary>The lease is over by the clock. True where a consumer is at work that was not told before: it is to be told.</summary>
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

    /// <summary>From now until <see cref="End"/> or <see cref="Stay"/> the message may leave the server's set of leases. False where it is not held.</summary>
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

    /// <summary>It could not leave: the server did not answer, or refused.</summary>
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
            // A fetch that only waits for room comes within a millisecond of this, and takes it along.
            if (!_fetchIsDue || _finished.Count >= LeaseReader.MaxRecords)
                return Completion.Acknowledge;

            _finished.Add(new Acknowledgement(delivery.Message.Lease, delivery));
            return Completion.AcknowledgeWithFetch;
        }
    }

    /// <summary>The acknowledgement has arrived, or has failed for good.</summary>
    public void Settled(Delivery delivery)
    {
        lock (_gate)
        {
            delivery.State = DeliveryState.Done;
            _held.Remove(delivery);
            _settling--;
            OnChanged();
        }
    }

    /// <summary>Moved, given back or lost: not held any more.</summary>
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

    /// <summary>The consumers at work.</summary>
    public List<RedisReceiveContext> Consumers()
    {
        lock (_gate)
            return [.. _held.Where(x => x.State == DeliveryState.Held).Select(x => x.Context).OfType<RedisReceiveContext>()];
    }

    /// <summary>Starts no more consumers. Returns what none has begun, and a task that ends with the last consumer and acknowledgement.</summary>
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

    List<Acknowledgement> TakeFinished()
    {
        _fetchIsDue = false;
        _slotsWanted = 0;
        if (_finished.Count == 0)
            return [];

        var finished = _finished;
        _finished = [];
        return finished;
    }

    int Room() => _stopping || _settling >= MaxSettling ? 0 : prefetch - _buffer.Count - _running - _further;

    /// <summary>After anything that may make room or end the work.</summary>
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
