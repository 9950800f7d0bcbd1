using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>
/// The operations on one queue. Each is one atomic script, which can be repeated without harm and is repeated until the server answers or
/// the send timeout is over.
/// </summary>
internal sealed partial class MessageQueue
{
    /// <summary>
    /// How many messages one script call takes at most. 500 messages take 2 to 4 ms, so no call blocks the server for 10 ms; above 300
    /// messages a call gains no throughput.
    /// </summary>
    public const int MaxBatch = 500;

    /// <summary>How many messages one call of peek reads at most.</summary>
    public const int MaxPage = 1_000;

    /// <summary>How many bytes one call sends at most.</summary>
    const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>How long an acknowledgement is repeated. Its lease is likely to be renewed for this long.</summary>
    static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long a cancelled token is remembered. It is longer than any time for which a cancel may be repeated.</summary>
    static readonly TimeSpan CancelMemory = TimeSpan.FromMinutes(2);

    readonly ScriptCaller _runner;
    readonly TimeSpan _timeout;
    readonly TimeProvider _time;
    readonly Replication _replication;
    readonly Func<QueueName, Task> _remember;
    // Created at the first use, because most queues of clients need only one of them.
    SendLane? _sendAlways;
    SendLane? _sendIfExists;
    SettleLane? _settle;
    Task? _remembered;

    public MessageQueue(ScriptCaller runner, QueueName name, QueueKeys keys, TimeSpan timeout, Replication replication, TimeProvider time,
        Func<QueueName, Task> remember, QueueMeter meter)
    {
        _runner = runner;
        _timeout = timeout;
        _time = time;
        _replication = replication;
        _remember = remember;
        Name = name;
        Keys = keys;
        Meter = meter;
    }

    public QueueName Name { get; }

    public QueueKeys Keys { get; }

    public QueueMeter Meter { get; }

    public RedisConnection Connection => _runner.Connection;

    /// <summary>True if one script can use both queues, because they share a tag or the server has no slots.</summary>
    public bool Reaches(MessageQueue target) =>
        target.Name.Tag == Name.Tag || _runner.Connection is { Multiplexer: not null, IsCluster: false };

    /// <summary>Sends a message. The task completes when the server has stored it. Concurrent sends share a call.</summary>
    /// <param name="message">The message.</param>
    /// <param name="onlyIfExists">Do not create the queue.</param>
    /// <param name="deadline">
    /// When the whole send, of which this is a step, must have ended; <c>null</c>: one send timeout from now.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not confirm within the send timeout.</exception>
    public Task<SendOutcome> SendAsync(in OutgoingMessage message, bool onlyIfExists = false, Deadline? deadline = null,
        CancellationToken cancellationToken = default) =>
        (onlyIfExists
            ? _sendIfExists ?? MakeSendLane(ref _sendIfExists, onlyIfExists) : _sendAlways ?? MakeSendLane(ref _sendAlways, onlyIfExists))
        .SendAsync(message, deadline, cancellationToken);

    /// <summary>True if no send is under way, so that this object can be dropped and created again.</summary>
    public bool IsIdle => _sendAlways is null or { IsIdle: true } && _sendIfExists is null or { IsIdle: true };

    /// <summary>Creates a subscription to the wake-ups of this queue.</summary>
    public WakeUpSubscription CreateWakeUps(Action<bool> wake) => new(_runner.Connection, Keys, wake);

    /// <summary>Creates a way in for dead letters that were exported.</summary>
    public ImportLane CreateImport() => new(_runner, Keys, _timeout, () =>
    {
        Remember(created: false);
        return _remembered!;
    });

    /// <param name="receiver">The receiver's id, with which its lease tokens begin; <c>null</c>: a new one.</param>
    public LeaseReader CreateReader(string? receiver = null) => new(_runner, Keys, SettleLane, _time, Meter, receiver);

    /// <inheritdoc cref="SettleLane.SettleAsync"/>
    public Task<bool> SettleAsync(LeaseHandle lease) => SettleLane.SettleAsync(lease);

    /// <inheritdoc cref="SettleLane.Settle"/>
    public void Settle(LeaseHandle lease, ISettleListener listener) => SettleLane.Settle(lease, listener);

    /// <summary>
    /// Extends leases and returns the indexes of those that were lost. Each slice is tried once, because the next renewal comes soon.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public async Task<int[]> RenewAsync(IReadOnlyList<LeaseHandle> leases, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        var lost = new List<int>();
        for (var first = 0; first < leases.Count; first += MaxBatch)
        {
            var values = Values(leases, first, (long)lease.TotalMilliseconds);
            AddLost(lost, await _runner.RunOnceAsync(ScriptCatalog.Renew, Keys.All, values, cancellationToken).ConfigureAwait(false),
                first);
        }

        return [.. lost];
    }

    /// <summary>
    /// Returns messages to the queue, each to its old place, at once or after <paramref name="delay"/>. The result holds the indexes of the
    /// leases that were lost; on a repetition after a lost reply also of those already returned.
    /// </summary>
    public async Task<int[]> ReleaseAsync(IReadOnlyList<LeaseHandle> leases, TimeSpan delay, bool failedDelivery,
        CancellationToken cancellationToken = default)
    {
        var lost = new List<int>();
        for (var first = 0; first < leases.Count; first += MaxBatch)
        {
            var values = Values(leases, first, Milliseconds(delay), failedDelivery ? 1 : 0, Keys.WakeChannelName);
            AddLost(lost, (await RunAsync(ScriptCatalog.Release, Keys.All, values, cancellationToken).ConfigureAwait(false)).Result, first);
        }

        return [.. lost];
    }

    /// <summary>
    /// Returns a message that its receiver could not split. It does not count as a failed delivery, but the next receiver can see it
    /// (<see cref="LeasedMessage.WasReturned"/>).
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task ReturnAsync(LeaseHandle lease, TimeSpan delay, CancellationToken cancellationToken = default) =>
        RunAsync(ScriptCatalog.Release, Keys.All, [Milliseconds(delay), 2, Keys.WakeChannelName, lease.Member], cancellationToken);

    /// <summary>
    /// Moves a leased message to a queue that the same script can use. Returns false if the lease was lost and nothing was moved.
    /// </summary>
    /// <param name="lease">The lease of the message.</param>
    /// <param name="target">The dead-letter queue.</param>
    /// <param name="record">The new record.</param>
    /// <param name="failure">What it is counted as in the target; <c>null</c>: it is counted later.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The target is in another slot, where one atomic script cannot reach it.</exception>
    public async Task<bool> MoveAsync(LeaseHandle lease, MessageQueue target, ReadOnlyMemory<byte> record, Failure? failure = null,
        CancellationToken cancellationToken = default)
    {
        RequireSameTag(target);
        var reply = await RunAsync(ScriptCatalog.Move,
            [.. Keys.All, .. target.Keys.All, target.Keys.Operation(failure?.Operation ?? "")],
            [
                lease.Member, target.Keys.WakeChannelName, record, failure?.Fingerprint.Id ?? "", failure?.Fingerprint.Title ?? "",
                failure?.WasReplayed is true ? 1 : 0, failure?.Operation is null ? 0 : 1,
            ], cancellationToken).ConfigureAwait(false);
        var moved = IsMoved(reply);
        if (moved)
            target.Remember(created: false);
        return moved;
    }

    /// <summary>
    /// Replaces a leased message by a delayed one with <paramref name="record"/>. It does the work of a delayed send and an acknowledgement
    /// in one step, and is possible on a full server. Returns false if the lease was lost and nothing was changed.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<bool> PutOffAsync(LeaseHandle lease, ReadOnlyMemory<byte> record, TimeSpan delay,
        CancellationToken cancellationToken = default)
    {
        var reply = await RunAsync(ScriptCatalog.PutOff, Keys.All,
            [lease.Member, Milliseconds(delay < MessageKey.MaxDelay ? delay : MessageKey.MaxDelay), record, Keys.WakeChannelName],
            cancellationToken).ConfigureAwait(false);
        return IsMoved(reply);
    }

    /// <summary>
    /// Replaces a leased record that holds many messages by single messages, leased under the same token, and returns them. Returns
    /// <c>null</c> if the lease was lost and nothing was replaced. <paramref name="maxFailed"/> limits the failed deliveries that each one
    /// gets.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<LeasedMessage[]?> SplitAsync(LeasedMessage message, TimeSpan lease, IReadOnlyList<ReadOnlyMemory<byte>> records,
        int maxFailed = int.MaxValue, CancellationToken cancellationToken = default)
    {
        var values = new RedisValue[3 + records.Count];
        values[0] = message.Lease.Member;
        values[1] = (long)lease.TotalMilliseconds;
        values[2] = maxFailed;
        for (var i = 0; i < records.Count; i++)
            values[3 + i] = records[i];
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Split, Keys.All, values, cancellationToken).ConfigureAwait(false)).Result!;
        if ((int)reply[0] == 0)
            return null;

        var keys = (RedisResult[])reply[1]!;
        return [.. keys.Select((x, i) => message.Part((byte[])x!, records[i], maxFailed))];
    }

    /// <summary>
    /// Moves waiting messages (dead letters) with new records to a queue that the same script can use. Returns how many were moved; after a
    /// lost reply missing messages count as moved by this call.
    /// </summary>
    /// <exception cref="ArgumentException">The target is in another slot, where one atomic script cannot reach it.</exception>
    public async Task<int> RequeueAsync(MessageQueue target, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> messages,
        CancellationToken cancellationToken = default)
    {
        RequireSameTag(target);
        var moved = 0;
        for (int first = 0, count; first < messages.Count; first += count)
        {
            count = BatchOf(messages, first);
            var reply = await RequeueAsync(target, messages, first, count, OperationStep.None, keep: TimeSpan.Zero, cancellationToken)
                .ConfigureAwait(false);
            moved += reply.Repeated
                ? Enumerable.Range(first, count).Sum(x => MessageKey.MessageCountOf(messages[x].Key)) : (int)reply.Result;
        }

        if (moved > 0)
            target.Remember(created: false);
        return moved;
    }

    /// <summary>Creates the queue or changes its settings. Returns true if it did not exist.</summary>
    public async Task<bool> DeclareAsync(QueueSettings settings, CancellationToken cancellationToken = default)
    {
        var step = settings.PriorityAging is { } aging ? Math.Max(1, aging.Ticks / TimeSpan.TicksPerMicrosecond) : 0;
        var idle = settings.AutoDeleteOnIdle is { } time ? Milliseconds(time) : 0;
        var reply = await RunAsync(ScriptCatalog.Declare, Keys.All, [step, idle], cancellationToken).ConfigureAwait(false);
        if (idle == 0)
        {
            // A full server refuses a new name. This must not keep a consumer from draining it. The next send tries again.
            Remember(created: true);
            await _remembered!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (int)reply.Result == 1;
    }

    /// <summary>Keeps a queue that deletes itself alive. Returns false if it is not declared, or no longer.</summary>
    public async Task<bool> TouchAsync(CancellationToken cancellationToken = default) =>
        (int)(await RunAsync(ScriptCatalog.Touch, Keys.All, [], cancellationToken).ConfigureAwait(false)).Result == 1;

    /// <summary>Cancels a scheduled message by its token. Returns false if a receiver already has it or it is gone.</summary>
    public async Task<bool> CancelAsync(string token, CancellationToken cancellationToken = default)
    {
        var reply = await RunAsync(ScriptCatalog.Cancel, [.. Keys.All, Keys.Token(token)],
            [Guid.NewGuid().ToString("N"), (long)(CancelMemory + _timeout).TotalMilliseconds], cancellationToken).ConfigureAwait(false);
        return (int)reply.Result == 1;
    }

    /// <inheritdoc cref="QueueFigures.CountAsync"/>
    public Task<QueueCounts> CountAsync(CancellationToken cancellationToken = default) =>
        QueueFigures.CountAsync(_runner, Keys, Deadline.After(_timeout), cancellationToken);

    /// <inheritdoc cref="QueueFigures.MeasureAsync"/>
    public Task<QueueMeasure> MeasureAsync(CancellationToken cancellationToken = default) =>
        QueueFigures.MeasureAsync(_runner, Keys, cancellationToken);

    /// <summary>
    /// Deletes waiting messages by key and returns how many were deleted. Leased messages are not deleted. After a lost reply missing
    /// messages count as deleted by this call.
    /// </summary>
    public async Task<int> RemoveAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken = default)
    {
        var removed = 0;
        for (var first = 0; first < keys.Count; first += MaxBatch)
        {
            var values = new RedisValue[1 + Math.Min(MaxBatch, keys.Count - first)];
            values[0] = 0;
            for (var i = 1; i < values.Length; i++)
                values[i] = keys[first + i - 1];
            var reply = await RunAsync(ScriptCatalog.Remove, Keys.All, values, cancellationToken).ConfigureAwait(false);
            removed += reply.Repeated ? keys.Skip(first).Take(values.Length - 1).Sum(MessageKey.MessageCountOf) : (int)reply.Result;
        }

        return removed;
    }

    /// <summary>Deletes every message that waits now, in bounded steps, and returns their number.</summary>
    public async Task<long> PurgeAsync(CancellationToken cancellationToken = default)
    {
        // The number of steps is set by the messages that wait now, so that a purge ends even if senders continue.
        var counts = await CountAsync(cancellationToken).ConfigureAwait(false);
        var steps = (counts.Ready + counts.Delayed) / MaxBatch + 1;
        long removed = 0;
        while (steps-- > 0)
        {
            var step = (int)(await RunAsync(ScriptCatalog.Remove, Keys.All, [MaxBatch], cancellationToken).ConfigureAwait(false)).Result;
            if (step == 0)
                break;
            removed += step;
        }

        return removed;
    }

    /// <summary>Deletes the queue with all its messages, including leased ones.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken = default)
    {
        await CallRetry.RunAsync("delete", Name.Value, async _ =>
        {
            var database = await _runner.Connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
            // A key of another type, which somebody else has written, is deleted too.
            var operations = await database.KeyTypeAsync(Keys.Operations).ConfigureAwait(false) == RedisType.SortedSet
                ? await database.SortedSetRangeByRankAsync(Keys.Operations).ConfigureAwait(false) : [];
            return await database.KeyDeleteAsync(
                [.. Keys.All, .. Keys.Beside, .. operations.Select(x => Keys.Operation(x.ToString()))]).ConfigureAwait(false);
        }, Deadline.After(_timeout), cancellationToken).ConfigureAwait(false);
        _remembered = null;
    }

    SettleLane SettleLane => _settle
        ?? Interlocked.CompareExchange(ref _settle,
            new SettleLane(_runner, Keys, SettleTimeout > _timeout ? SettleTimeout : _timeout, Meter), null) ?? _settle;

    /// <summary>Creates the lane only once, because a lane numbers its calls.</summary>
    SendLane MakeSendLane(ref SendLane? lane, bool onlyIfExists)
    {
        var made = new SendLane(_runner, Keys, _timeout, _replication, onlyIfExists, onlyIfExists ? QueueMeter.Temporary : Meter,
            onlyIfExists ? null : Remember);
        return Interlocked.CompareExchange(ref lane, made, null) ?? made;
    }

    /// <summary>
    /// Adds the queue to the list of queues, so that operators find every queue that was ever sent to, even an undeclared one and after the
    /// server has lost its data.
    /// </summary>
    void Remember(bool created)
    {
        if (!created && _remembered is { IsFaulted: false })
            return;

        // If this fails, the next send tries again.
        _ = _remembered?.Exception;
        _remembered = _remember(Name);
    }

    Task<ScriptReply> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken) =>
        _runner.RunWithRetryAsync(script, keys, values, Deadline.After(_timeout), cancellationToken);

    void RequireSameTag(MessageQueue target)
    {
        if (!Reaches(target))
            throw new ArgumentException(
                $"A message of '{Name}' cannot be moved to '{target.Name}' in one step: on a cluster only '{Name.Tag}' and its "
                + "_error and _skipped queues share a cluster slot.", nameof(target));
    }

    /// <summary>Returns how many messages fit into one call, by number and by bytes; at least one.</summary>
    static int BatchOf(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> messages, int first)
    {
        var bytes = 0;
        var count = 0;
        while (count < MaxBatch && first + count < messages.Count && bytes < MaxBytes)
            bytes += messages[first + count++].Value.Length;
        return count;
    }

    static bool IsMoved(ScriptReply reply) => (MoveOutcome)(int)reply.Result switch
    {
        MoveOutcome.Moved => true,
        MoveOutcome.Gone => reply.Repeated,
        _ => false,
    };

    static long Milliseconds(TimeSpan time) => Math.Max(0, (long)Math.Ceiling(time.TotalMilliseconds));

    static void AddLost(List<int> lost, RedisResult reply, int first)
    {
        foreach (var index in (RedisResult[])reply!)
            lost.Add(first + (int)index - 1);
    }

    static RedisValue[] Values(IReadOnlyList<LeaseHandle> leases, int first, params ReadOnlySpan<RedisValue> head)
    {
        var count = Math.Min(MaxBatch, leases.Count - first);
        var values = new RedisValue[head.Length + count];
        head.CopyTo(values);
        for (var i = 0; i < count; i++)
            values[head.Length + i] = leases[first + i].Member;
        return values;
    }
}
