using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// The one way into a queue from this process: group commit. While one call is under way the next messages gather, so a
/// single send waits for nothing and a thousand at a time share one script call. A call that is repeated after a lost reply
/// carries the same number, by which the server knows that it has been applied.
/// </summary>
internal sealed class SendLane
{
    /// <summary>
    /// Bounds how long one script holds the server: 5 ms with a million messages waiting. Twice as many take 10 ms and are sent no faster.
    /// </summary>
    const int MaxMessages = 250;

    /// <summary>Bounds one call on the wire, so that others are not kept waiting behind it.</summary>
    const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Behind the six keys of the queue.</summary>
    const int LaneIndex = 6;

    /// <summary>At least; always above any time for which a call may be repeated.</summary>
    static readonly TimeSpan LaneMemory = TimeSpan.FromMinutes(2);

    readonly ScriptRunner _runner;
    readonly QueueKeys _keys;
    readonly TimeSpan _timeout;
    readonly Replication _replication;
    readonly bool _onlyIfExists;
    readonly Action<bool>? _sent;
    readonly QueueMeter _meter;
    readonly RedisKey[] _plainKeys;
    readonly long _memory;
    readonly Lock _gate = new();
    readonly Queue<SendGroup> _waiting = new();
    SendGroup? _open;
    Exception? _outage;
    long _callNumber;
    bool _running;

    /// <param name="runner">Runs the script.</param>
    /// <param name="keys">The queue.</param>
    /// <param name="timeout">How long a send waits through an outage.</param>
    /// <param name="replication">What must have happened before a send completes.</param>
    /// <param name="onlyIfExists">Do not create the queue.</param>
    /// <param name="meter">Counts what was sent.</param>
    /// <param name="sent">Told after each call whether it created the queue.</param>
    public SendLane(ScriptRunner runner, QueueKeys keys, TimeSpan timeout, Replication replication, bool onlyIfExists, QueueMeter meter,
        Action<bool>? sent = null)
    {
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
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return !_running;
        }
    }

    public Task<SendOutcome> SendAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<SendOutcome>(cancellationToken);

        SendGroup group;
        int index;
        bool start;
        lock (_gate)
        {
            group = _open ?? Open();
            index = group.Messages.Count;
            group.Add(message, cancellationToken);
            group.Bytes += message.Record.Length;
            group.Extras += message.CancelToken is null && message.DedupeId is null ? 0 : 1;
            if (group.Messages.Count >= MaxMessages || group.Bytes >= MaxBytes)
                _open = null;
            start = !_running;
            _running = true;
        }

        if (start)
            _ = RunAsync();

        var task = group.Task;
        if (cancellationToken.CanBeCanceled)
            task = task.WaitAsync(cancellationToken);
        return message.DedupeId is null ? task : OutcomeOfAsync(group, task, index);
    }

    static async Task<SendOutcome> OutcomeOfAsync(SendGroup group, Task<SendOutcome> task, int index)
    {
        var outcome = await task.ConfigureAwait(false);
        return outcome == SendOutcome.Stored && group.IsDuplicate(index) ? SendOutcome.Duplicate : outcome;
    }

    SendGroup Open()
    {
        var group = new SendGroup();
        _waiting.Enqueue(group);
        return _open = group;
    }

    async Task RunAsync()
    {
        while (true)
        {
            SendGroup? group;
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

    async Task CommitAsync(SendGroup group)
    {
        try
        {
            ScriptRunner.ThrowIfOverdue(ScriptCatalog.Send, _timeout, group.Created, _outage);
            var reply = await RunAsync(group).ConfigureAwait(false);
            var result = (RedisResult[])reply.Result!;
            _sent?.Invoke((int)result[1] == 1);
            _outage = null;
            group.Complete(result);
            _meter.Sent(group.Stored);
        }
        catch (Exception exception)
        {
            // Given to every sender of the group; nothing is swallowed here.
            if (!group.IsForsaken)
                _outage = exception;
            // Whoever has given up is told so, whichever of the two is noticed first.
            group.Fail(group.IsForsaken ? new OperationCanceledException("All senders of the call have given up.", exception) : exception);
        }
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
        return _runner.RunWithRetryAsync(ScriptCatalog.Send, applied =>
        {
            // Whoever has given up meanwhile has told somebody else so: it is not sent, unless it may have been already.
            var fewer = !applied && group.DropCancelled();
            if (group.IsForsaken)
                throw new RedisTransportException("All senders of the call have given up.");
            if (call is null || fewer)
                call = (group.Extras == 0 ? _plainKeys : KeysOf(group), ValuesOf(group, number));
            return call.Value;
        }, _timeout, group.Created, _replication);
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
        if (group.Extras > 0)
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
            values[at++] = messages[i].Priority + (messages[i].Extra << 8);
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
