using System.Globalization;
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
/// Sends all messages of this process to one queue. Concurrent sends share script calls by group commit. A call that is repeated after a
/// lost reply has the same number, by which the server recognizes that it was applied.
/// </summary>
internal sealed class SendLane
{
    /// <summary>The index of the lane's key, after the six keys of the queue.</summary>
    const int LaneIndex = 6;

    /// <summary>
    /// How long the server remembers a lane, at least. It is always longer than any time for which a call may be repeated.
    /// </summary>
    public static readonly TimeSpan LaneMemory = TimeSpan.FromMinutes(2);

    /// <summary>A send with a smaller share of its time left has its own deadline. Other sends have the deadline of their call.</summary>
    const double Late = 0.9;

    readonly GroupCommit<SendGroup, SendEntry> _commits;
    readonly ScriptCaller _runner;
    readonly QueueKeys _keys;
    readonly TimeSpan _timeout;
    readonly Replication _replication;
    readonly bool _onlyIfExists;
    readonly Action<bool>? _sent;
    readonly QueueMeter _meter;
    readonly RedisKey[] _plainKeys;
    readonly long _memory;
    long _callNumber;

    /// <param name="runner">Runs the script.</param>
    /// <param name="keys">The queue.</param>
    /// <param name="timeout">How long a send waits during an outage.</param>
    /// <param name="replication">The replication that a send must wait for.</param>
    /// <param name="onlyIfExists">Do not create the queue.</param>
    /// <param name="meter">Counts what was sent.</param>
    /// <param name="sent">Called after each call; the argument tells whether it has created the queue.</param>
    public SendLane(ScriptCaller runner, QueueKeys keys, TimeSpan timeout, Replication replication, bool onlyIfExists, QueueMeter meter,
        Action<bool>? sent = null)
    {
        _commits = new GroupCommit<SendGroup, SendEntry>(() => new SendGroup(timeout), CommitAsync);
        _runner = runner;
        _keys = keys;
        _timeout = timeout;
        _replication = replication;
        _onlyIfExists = onlyIfExists;
        _sent = sent;
        _meter = meter;
        _memory = (long)(LaneMemory + timeout).TotalMilliseconds;
        _plainKeys = [.. keys.All, keys.Lane(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture))];
    }

    /// <summary>True if no send is under way, so that another lane can replace this one.</summary>
    public bool IsIdle => _commits.IsIdle;

    /// <param name="message">The message.</param>
    /// <param name="deadline">
    /// When the whole send, of which this is a step, must have ended; <c>null</c>: one send timeout from now.
    /// </param>
    /// <param name="cancellationToken">Stops the waiting. A message that is not on its way yet is not sent.</param>
    public Task<SendOutcome> SendAsync(in OutgoingMessage message, Deadline? deadline, CancellationToken cancellationToken) =>
        deadline is { } given && given.Left < _timeout * Late
            ? SendLateAsync(message, given, cancellationToken)
            : SendAsync(new SendEntry(message, deadline, cancellationToken));

    Task<SendOutcome> SendAsync(in SendEntry entry)
    {
        if (entry.CancellationToken.IsCancellationRequested)
            return Task.FromCanceled<SendOutcome>(entry.CancellationToken);

        var (group, index) = _commits.Add(entry);
        var task = group.Task;
        if (entry.CancellationToken.CanBeCanceled)
            task = task.WaitAsync(entry.CancellationToken);
        return entry.Message.DedupeId is null ? task : OutcomeOfAsync(group, task, index);
    }

    /// <summary>
    /// Sends a message that has little time left, because earlier steps of its send have used it. It ends before the others of its call.
    /// </summary>
    async Task<SendOutcome> SendLateAsync(OutgoingMessage message, Deadline deadline, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(deadline.LeftForStep);
        try
        {
            return await SendAsync(new SendEntry(message, null, limit.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw RedisErrors.NotConfirmed(ScriptCatalog.Send.Name, deadline.Budget,
                new TimeoutException("no answer in what was left of its time", exception));
        }
    }

    static async Task<SendOutcome> OutcomeOfAsync(SendGroup group, Task<SendOutcome> task, int index)
    {
        var outcome = await task.ConfigureAwait(false);
        return outcome == SendOutcome.Stored && group.IsDuplicate(index) ? SendOutcome.Duplicate : outcome;
    }

    async Task CommitAsync(SendGroup group)
    {
        CallRetry.ThrowIfOverdue(ScriptCatalog.Send, group.Deadline, _commits.Outage);
        var reply = await RunAsync(group).ConfigureAwait(false);
        var result = (RedisResult[])reply.Result!;
        _sent?.Invoke((int)result[1] == 1);
        group.Complete(result);
        _meter.Sent(group.Stored);
    }

    async Task<ScriptReply> RunAsync(SendGroup group)
    {
        const int laterCall = -3;
        var number = ++_callNumber;
        var reply = await RunAsync(group, number).ConfigureAwait(false);
        if ((int)((RedisResult[])reply.Result!)[0] != laterCall)
            return reply;

        // The calls of a lane run one after the other, so another program has written this number. Nothing was stored.
        _plainKeys[LaneIndex] = _keys.Lane(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        return await RunAsync(group, number).ConfigureAwait(false);
    }

    Task<ScriptReply> RunAsync(SendGroup group, long number)
    {
        (RedisKey[], RedisValue[])? call = null;
        return CallRetry.RunAsync(_runner, ScriptCatalog.Send, applied =>
        {
            // Removes messages whose senders have given up meanwhile, because those senders have reported a failure. They cannot be removed
            // if they may already have been sent.
            var fewer = !applied && group.DropCancelled();
            if (group.IsForsaken)
                throw new RedisTransportException("All senders of the call have given up.");
            if (call is null || fewer)
                call = (group.KeyedMessages == 0 ? _plainKeys : KeysOf(group), ValuesOf(group, number));
            return call.Value;
        }, group.Deadline, _replication);
    }

    RedisKey[] KeysOf(SendGroup group)
    {
        var keys = new List<RedisKey>(_plainKeys);
        foreach (var message in group.Messages)
        {
            if (message.CancelToken is { } token)
                keys.Add(_keys.Token(token));
        }

        foreach (var message in group.Messages)
        {
            if (message.DedupeId is { } id)
                keys.Add(_keys.Dedupe(id));
        }

        return [.. keys];
    }

    RedisValue[] ValuesOf(SendGroup group, long number)
    {
        var messages = group.Messages;
        int tokens = 0, dedupes = 0;
        if (group.KeyedMessages > 0)
        {
            foreach (var message in messages)
            {
                tokens += message.CancelToken is null ? 0 : 1;
                dedupes += message.DedupeId is null ? 0 : 1;
            }
        }

        var values = new RedisValue[7 + 3 * messages.Count + tokens + 2 * dedupes];
        values[0] = number;
        values[1] = _memory;
        values[2] = _onlyIfExists ? 1 : 0;
        values[3] = _keys.WakeChannelName;
        values[4] = messages.Count;
        values[5] = tokens;
        values[6] = dedupes;
        var at = 7;
        for (var i = 0; i < messages.Count; i++)
        {
            values[at++] = messages[i].Priority + ((byte)(messages[i].MessageCount - 1) << 8);
            values[at++] = Milliseconds(messages[i].Delay);
            values[at++] = messages[i].Record;
        }

        for (var i = 0; i < messages.Count && tokens > 0; i++)
        {
            if (messages[i].CancelToken is not null)
                values[at++] = i + 1;
        }

        for (var i = 0; i < messages.Count && dedupes > 0; i++)
        {
            if (messages[i].DedupeId is null)
                continue;
            values[at++] = i + 1;
            values[at++] = Math.Max(1, (long)messages[i].DedupeWindow.TotalMilliseconds);
        }

        return values;
    }

    static long Milliseconds(TimeSpan delay) =>
        delay <= TimeSpan.Zero ? 0 : (long)Math.Ceiling((delay < MessageKey.MaxDelay ? delay : MessageKey.MaxDelay).TotalMilliseconds);
}
