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
/// The one way into a queue from this process: sends that are under way together share script calls by group commit. A call that
/// is repeated after a lost reply carries the same number, by which the server knows that it has been applied.
/// </summary>
internal sealed class SendLane
{
    /// <summary>Behind the six keys of the queue.</summary>
    const int LaneIndex = 6;

    /// <summary>At least; always above any time for which a call may be repeated.</summary>
    static readonly TimeSpan LaneMemory = TimeSpan.FromMinutes(2);

    /// <summary>A send that comes with less of its time left has an end of its own; the others have that of their call.</summary>
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
    /// <param name="timeout">How long a send waits through an outage.</param>
    /// <param name="replication">What must have happened before a send completes.</param>
    /// <param name="onlyIfExists">Do not create the queue.</param>
    /// <param name="meter">Counts what was sent.</param>
    /// <param name="sent">Told after each call whether it created the queue.</param>
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

    /// <summary>Nothing is on its way: another lane may take its place.</summary>
    public bool IsIdle => _commits.IsIdle;

    /// <param name="message">The message.</param>
    /// <param name="deadline">When the whole send must have ended, of which this is a part; <c>null</c>: a send timeout from now.</param>
    /// <param name="cancellationToken">Ends the waiting. What was not on its way before is then not sent.</param>
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

    /// <summary>What other steps of the send have taken of its time, this one has no more: it ends before others of its call.</summary>
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
            throw RedisErrors.NotConfirmed(ScriptCatalog.Send.Name, deadline.Budget, new TimeoutException("no answer in what was left of its time", exception));
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

        // The calls of this lane come one after the other: somebody else has written a number there. Nothing was stored.
        _plainKeys[LaneIndex] = _keys.Lane(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        return await RunAsync(group, number).ConfigureAwait(false);
    }

    Task<ScriptReply> RunAsync(SendGroup group, long number)
    {
        (RedisKey[], RedisValue[])? call = null;
        return CallRetry.RunAsync(_runner, ScriptCatalog.Send, applied =>
        {
            // Whoever has given up meanwhile has told somebody else so: it is not sent, unless it may have been already.
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
