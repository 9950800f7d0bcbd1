using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>Is told what became of an acknowledgement. Must not throw, and must not block.</summary>
internal interface ISettleListener
{
    void OnSettled(bool leaseLost, Exception? error);
}

/// <summary>Acknowledges what has finished, many at a time: while one call is under way the next ones gather.</summary>
internal sealed class SettleLane
{
    const int MaxMessages = BrokerQueue.MaxBatch;

    readonly ScriptRunner _runner;
    readonly QueueKeys _keys;
    readonly TimeSpan _timeout;
    readonly QueueMeter _meter;
    readonly Lock _gate = new();
    readonly Queue<Group> _waiting = new();
    Group? _open;
    Exception? _outage;
    bool _running;

    public SettleLane(ScriptRunner runner, QueueKeys keys, TimeSpan timeout, QueueMeter meter)
    {
        _runner = runner;
        _keys = keys;
        _timeout = timeout;
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
    /// <param name="repeated">True where an earlier call whose reply was lost may have settled it already.</param>
    public void Settle(LeaseHandle lease, ISettleListener listener, bool repeated = false)
    {
        Group group;
        bool start;
        lock (_gate)
        {
            group = _open ?? Open();
            group.Members.Add(lease.Member);
            if (QueueMeter.MeasuresGroups)
                group.Messages += lease.Messages;
            group.Listeners.Add(listener);
            if (repeated)
                (group.Repeated ??= []).Add(group.Members.Count - 1);
            if (group.Members.Count >= MaxMessages)
                _open = null;
            start = !_running;
            _running = true;
        }

        // Not on the caller's thread: its group may grow while the pool gets to it.
        if (start)
            ThreadPool.UnsafeQueueUserWorkItem(static lane => _ = lane.RunAsync(), this, preferLocal: false);
    }

    Group Open()
    {
        var group = new Group(Stopwatch.GetTimestamp());
        _waiting.Enqueue(group);
        return _open = group;
    }

    async Task RunAsync()
    {
        while (true)
        {
            Group? group;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out group))
                {
                    _running = false;
                    return;
                }

                if (ReferenceEquals(group, _open))
                    _open = null;
            }

            await CommitAsync(group).ConfigureAwait(false);
        }
    }

    async Task CommitAsync(Group group)
    {
        HashSet<int>? lost = null;
        Exception? error = null;
        try
        {
            ScriptRunner.ThrowIfOverdue(ScriptCatalog.Settle, _timeout, group.Created, _outage);
            var reply = await _runner.RunWithRetryAsync(ScriptCatalog.Settle, _keys.All, [.. group.Members], _timeout, group.Created).ConfigureAwait(false);
            _meter.Settled(group.Messages);
            foreach (var item in (RedisResult[])reply.Result!)
            {
                var index = Math.Abs((int)item) - 1;
                // Gone, and this call was repeated: its first attempt settled the message and only the reply was lost.
                if ((int)item > 0 || !(reply.Repeated || group.Repeated?.Contains(index) is true))
                    (lost ??= []).Add(index);
            }
        }
        catch (Exception exception)
        {
            // Every listener gets it.
            error = exception;
        }

        _outage = error;

        for (var i = 0; i < group.Listeners.Count; i++)
            group.Listeners[i].OnSettled(lost?.Contains(i) is true, error);
    }

    sealed class Group(long created)
    {
        public List<RedisValue> Members { get; } = [];

        public List<ISettleListener> Listeners { get; } = [];

        /// <summary>Indexes of those an earlier call may have settled.</summary>
        public HashSet<int>? Repeated { get; set; }

        public long Created { get; } = created;

        /// <summary>How many messages the records hold, where somebody wants to know.</summary>
        public int Messages { get; set; }
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
