using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>Gets the result of an acknowledgement. Its methods must not throw or block.</summary>
internal interface ISettleListener
{
    void OnSettled(bool leaseLost, Exception? error);
}

/// <summary>Acknowledges finished messages. Concurrent acknowledgements share script calls by group commit.</summary>
internal sealed class SettleLane
{
    readonly GroupCommit<Group, Entry> _commits;
    readonly ScriptCaller _runner;
    readonly QueueKeys _keys;
    readonly QueueMeter _meter;

    public SettleLane(ScriptCaller runner, QueueKeys keys, TimeSpan timeout, QueueMeter meter)
    {
        // Commits start on the pool, not on the thread that has finished a message, so that the group can grow until then.
        _commits = new GroupCommit<Group, Entry>(() => new Group(timeout), CommitAsync, startsOnPool: true);
        _runner = runner;
        _keys = keys;
        _meter = meter;
    }

    /// <summary>
    /// Acknowledges a message. Returns true if the message is removed for good; false if the lease was lost and the message was not
    /// changed.
    /// </summary>
    /// <exception cref="RedisTransportException">The server did not answer in time. The message may be delivered again.</exception>
    public Task<bool> SettleAsync(LeaseHandle lease)
    {
        var listener = new TaskListener();
        Settle(lease, listener);
        return listener.Task;
    }

    /// <summary>Acknowledges a message without a task. The listener gets the result on a pool thread.</summary>
    /// <param name="lease">The finished lease.</param>
    /// <param name="listener">The listener.</param>
    /// <param name="repeated">True if an earlier call with a lost reply may have settled it.</param>
    public void Settle(LeaseHandle lease, ISettleListener listener, bool repeated = false) =>
        _commits.Add(new Entry(lease, listener, repeated));

    async Task CommitAsync(Group group)
    {
        CallRetry.ThrowIfOverdue(ScriptCatalog.Settle, group.Deadline, _commits.Outage);
        var reply = await _runner.RunWithRetryAsync(ScriptCatalog.Settle, _keys.All, [.. group.Members], group.Deadline)
            .ConfigureAwait(false);
        _meter.Settled(group.MessageCount);
        HashSet<int>? lost = null;
        foreach (var item in (RedisResult[])reply.Result!)
        {
            var index = Math.Abs((int)item) - 1;
            // The message is gone and the call was repeated, so its first attempt has settled the message and only the reply was lost.
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

        /// <summary>How many messages the records hold; counted only if somebody listens.</summary>
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

        /// <summary>True if an earlier call may have settled the message.</summary>
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
