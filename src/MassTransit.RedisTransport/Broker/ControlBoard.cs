using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// What operators have set for the queues that a bus receives from, as their receivers last heard. It tells those in this process that hold
/// messages of a queue behind its receiver, as a processor does in its batches.
/// </summary>
internal sealed class ControlBoard
{
    readonly ConcurrentDictionary<string, QueueOrders> _queues = new(StringComparer.Ordinal);

    public QueueOrders Of(string queue) => _queues.GetOrAdd(queue, static _ => new QueueOrders());
}

/// <summary>What operators have set for one queue.</summary>
internal sealed class QueueOrders
{
    readonly Lock _gate = new();
    readonly List<Func<LeaseControl, int>> _followers = [];
    LeaseControl _current;

    /// <summary>Called after a follower has come or gone, so that the receiver sets its window anew. It must not block.</summary>
    public event Action? Changed;

    public LeaseControl Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>
    /// Tells all followers. Returns how many messages the receiver may hold for them; <c>null</c> if there are none.
    /// </summary>
    public int? Set(in LeaseControl control)
    {
        lock (_gate)
        {
            _current = control;
            int? window = null;
            foreach (var follower in _followers)
                window = Math.Max(window ?? 0, follower(control));
            return window;
        }
    }

    /// <summary>
    /// Adds a follower. It is told what is set now and of every change, one at a time, and returns how many messages it can hold. It must
    /// not block.
    /// </summary>
    /// <returns>Disposing it removes the follower.</returns>
    public IDisposable Follow(Func<LeaseControl, int> follower)
    {
        lock (_gate)
        {
            _followers.Add(follower);
            follower(_current);
        }

        Changed?.Invoke();
        return new Follower(this, follower);
    }

    sealed class Follower(QueueOrders orders, Func<LeaseControl, int> follower) : IDisposable
    {
        public void Dispose()
        {
            lock (orders._gate)
                orders._followers.Remove(follower);
            orders.Changed?.Invoke();
        }
    }
}
