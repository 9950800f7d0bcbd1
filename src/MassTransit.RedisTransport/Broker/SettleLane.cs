using System.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>Acknowledges what has finished, many at a time: while one call is under way the next ones gather.</summary>
internal sealed class SettleLane
{
    const int MaxMessages = 1_000;

    readonly ScriptRunner _runner;
    readonly QueueKeys _keys;
    readonly TimeSpan _timeout;
    readonly Lock _gate = new();
    readonly Queue<Group> _waiting = new();
    Group? _open;
    Exception? _outage;
    bool _running;

    public SettleLane(ScriptRunner runner, QueueKeys keys, TimeSpan timeout)
    {
        _runner = runner;
        _keys = keys;
        _timeout = timeout;
    }

    /// <summary>True when the message is gone for good; false when the lease had been lost and the message was not touched.</summary>
    /// <exception cref="RedisTransportException">The server did not answer in time; the message may be delivered again.</exception>
    public Task<bool> SettleAsync(LeaseHandle lease)
    {
        Group group;
        int index;
        bool start;
        lock (_gate)
        {
            group = _open ?? Open();
            index = group.Members.Count;
            group.Members.Add(lease.Member);
            if (group.Members.Count >= MaxMessages)
                _open = null;
            start = !_running;
            _running = true;
        }

        if (start)
            _ = RunAsync();
        return OutcomeOfAsync(group, index);
    }

    static async Task<bool> OutcomeOfAsync(Group group, int index)
    {
        await group.Completion.Task.ConfigureAwait(false);
        return group.Lost?.Contains(index) is not true;
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

            try
            {
                ScriptRunner.ThrowIfOverdue(ScriptCatalog.Settle, _timeout, group.Created, _outage);
                var reply = await _runner.RunWithRetryAsync(ScriptCatalog.Settle, _keys.All, [.. group.Members], _timeout, group.Created)
                    .ConfigureAwait(false);
                foreach (var item in (RedisResult[])reply.Result!)
                {
                    var index = (int)item;
                    // Gone, and this call was repeated: its first attempt settled the message and only the reply was lost.
                    if (index > 0 || !reply.Repeated)
                        (group.Lost ??= []).Add(Math.Abs(index) - 1);
                }

                _outage = null;
                group.Completion.TrySetResult();
            }
            catch (Exception exception)
            {
                // Every waiting receiver gets it.
                _outage = exception;
                group.Completion.TrySetException(exception);
            }
        }
    }

    sealed class Group(long created)
    {
        public List<RedisValue> Members { get; } = [];

        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Created { get; } = created;

        public HashSet<int>? Lost { get; set; }
    }
}
