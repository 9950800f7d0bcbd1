using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>Is told what became of an acknowledgement. Must not throw, and must not block.</summary>
internal interface ISettleListener
{
    void OnSettled(bool leaseLost, Exception? error);
}

/// <summary>Acknowledges what has finished: acknowledgements that come together share script calls by group commit.</summary>
internal sealed class SettleLane
{
    readonly GroupCommit<Group, Entry> _commits;
    readonly ScriptCaller _runner;
    readonly QueueKeys _keys;
    readonly QueueMeter _meter;

    public SettleLane(ScriptCaller runner, QueueKeys keys, TimeSpan timeout, QueueMeter meter)
    {
        // Not on the thread that has finished a message: its group may grow while the pool gets to it.
        _commits = new GroupCommit<Group, Entry>(() => new Group(timeout), CommitAsync, startsOnPool: true);
        _runner = runner;
        _keys = keys;
        _meter = meter;
    }

    /// <summary>True when the message is gone for good; false when the lease had been lost and the message was not touched.</summary>
    /// <exception cref="RedisTransportException">The server did not answer in time; the message may be delivered again.</exception>
    public Task<bool> SettleAsync(LeaseHandle lease)
    {
        var listener = new TaskListener();
        Settle(lease, listener);
        return listener.Task;
    }

    /// <summary>The same without a task: the listener is told the outcome, on a thread of the pool.</summary>
    /// <param name="lease">What is finished.</param>
    /// <param name="listener">Who is told.</param>
    /// <param name="repeated">True if an earlier call whose reply was lost may have settled it already.</param>
    public void Settle(LeaseHandle lease, ISettleListener listener, bool repeated = false) => _commits.Add(new Entry(lease, listener, repeated));

    async Task CommitAsync(Group group)
    {
        CallRetry.ThrowIfOverdue(ScriptCatalog.Settle, group.Deadline, _commits.Outage);
        var reply = await _runner.RunWithRetryAsync(ScriptCatalog.Settle, _keys.All, [.. group.Members], group.Deadline).ConfigureAwait(false);
        _meter.Settled(group.MessageCount);
        HashSet<int>? lost = null;
        foreach (var item in (RedisResult[])reply.Result!)
        {
            var index = Math.Abs((int)item) - 1;
            // Gone, and this call was repeated: its first attempt settled the message and only the reply was lost.
            if ((int)item > 0 || !(reply.Repeated || group.IsRepeated(index)))
                (lost ??= []).Add(index);
        }

        group.Complete(lost);
    }

    readonly record struct Entry(LeaseHandle Lease, ISettleListener Listener, bool Repeated);

    sealed class Group(TimeSpan timeout) : ICommitGroup<Entry>
    {
        const int MaxMembers = MessageQueue.MaxBatch;

        readonly List<ISettleListener> _listeners = [];
        HashSet<int>? _repeated;

        public List<RedisValue> Members { get; } = [];

        public Deadline Deadline { get; } = Deadline.After(timeout);

        /// <summary>How many messages the records hold, if somebody wants to know.</summary>
        public int MessageCount { get; private set; }

        public bool HasRoomFor(in Entry entry) => Members.Count < MaxMembers;

        public int Add(in Entry entry)
        {
            var index = Members.Count;
            Members.Add(entry.Lease.Member);
            _listeners.Add(entry.Listener);
            if (QueueMeter.MeasuresGroups)
                MessageCount += entry.Lease.MessageCount;
            if (entry.Repeated)
                (_repeated ??= []).Add(index);
            return index;
        }

        /// <summary>True if an earlier call may have settled it.</summary>
        public bool IsRepeated(int index) => _repeated?.Contains(index) is true;

        public bool IsOutage(Exception exception) => true;

        public void Complete(HashSet<int>? lost)
        {
            for (var i = 0; i < _listeners.Count; i++)
                _listeners[i].OnSettled(lost?.Contains(i) is true, null);
        }

        public void Fail(Exception exception)
        {
            foreach (var listener in _listeners)
                listener.OnSettled(false, exception);
        }
    }

    sealed class TaskListener() : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously), ISettleListener
    {
        public void OnSettled(bool leaseLost, Exception? error)
        {
            if (error is null)
                TrySetResult(!leaseLost);
            else
                TrySetException(error);
        }
    }
}
