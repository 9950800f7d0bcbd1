using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>
/// Returns messages to their places while their queue is paused. Thousands of them may wait in a processor's batches, so they share script
/// calls by group commit.
/// </summary>
internal sealed class ReleaseLane
{
    readonly GroupCommit<Group, LeaseHandle> _commits;
    readonly ScriptCaller _runner;
    readonly QueueKeys _keys;

    public ReleaseLane(ScriptCaller runner, QueueKeys keys, TimeSpan timeout)
    {
        _commits = new GroupCommit<Group, LeaseHandle>(() => new Group(keys, timeout), CommitAsync, startsOnPool: true);
        _runner = runner;
        _keys = keys;
    }

    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time.</exception>
    public Task ReleaseAsync(LeaseHandle lease) => _commits.Add(lease).Group.Task;

    async Task CommitAsync(Group group)
    {
        CallRetry.ThrowIfOverdue(ScriptCatalog.Release, group.Deadline, _commits.Outage);
        await _runner.RunWithRetryAsync(ScriptCatalog.Release, _keys.All, [.. group.Values], group.Deadline).ConfigureAwait(false);
        group.Complete();
    }

    sealed class Group(QueueKeys keys, TimeSpan timeout) : ICommitGroup<LeaseHandle>
    {
        readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int _count;

        public List<RedisValue> Values { get; } = [0, 0, keys.WakeChannelName];

        public Deadline Deadline { get; } = Deadline.After(timeout);

        public Task Task => _completion.Task;

        public bool HasRoomFor(in LeaseHandle entry) => _count < MessageQueue.MaxBatch;

        public int Add(in LeaseHandle entry)
        {
            Values.Add(entry.Member);
            return _count++;
        }

        public bool IsOutage(Exception exception) => true;

        public void Complete() => _completion.TrySetResult();

        public void Fail(Exception exception) => _completion.TrySetException(exception);
    }
}
