using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>
/// The way out of a queue for one receiver, one call at a time. Each call leases under a token of its own; when a reply is
/// lost, the next calls look for what was leased under that token before they take anything new. What is leased and not yet
/// here is fetched in parts by further calls.
/// </summary>
internal sealed class LeaseReader
{
    /// <summary>How many records one call takes at most.</summary>
    public const int MaxRecords = MessageQueue.MaxBatch;

    /// <summary>How many messages one call takes at most, where records hold many of them.</summary>
    public const int MaxMessages = 5_000;

    /// <summary>What one call of the recover script looks through.</summary>
    const int RecoverPage = 1_000;

    /// <summary>A frozen server may run a call long after the client gave up on it: look again, calmly, a few times.</summary>
    const int RecoverAttempts = 3;

    static readonly TimeSpan RecoverPause = TimeSpan.FromSeconds(2);

    /// <summary>A sweep that has come to its end is not begun again sooner.</summary>
    static readonly TimeSpan SweepPause = TimeSpan.FromMinutes(1);

    /// <summary>How many records one call of the sweep looks at, about: all of them are brought before the script.</summary>
    const int SweepRecords = 20;

    readonly ScriptCaller _runner;
    readonly QueueKeys _keys;
    readonly SettleLane _settle;
    readonly TimeProvider _time;
    readonly QueueMeter _meter;
    readonly string _receiver = RandomNumberGenerator.GetHexString(12, lowercase: true);
    readonly Queue<LostCall> _lost = new();
    readonly LeasedBacklog _backlog;
    readonly ReplyBudget _budget = new();
    DateTimeOffset _sweepNotBefore;
    string? _sweepCursor;
    long _calls;
    long _serverTime;

    public LeaseReader(ScriptCaller runner, QueueKeys keys, SettleLane settle, TimeProvider time, QueueMeter meter)
    {
        _runner = runner;
        _keys = keys;
        _settle = settle;
        _time = time;
        _meter = meter;
        _backlog = new LeasedBacklog(_budget);
    }

    /// <summary>What is leased and was not handed out yet: a stop gives it back.</summary>
    public IReadOnlyList<LeaseHandle> Held => _backlog.Leases;

    /// <summary>
    /// Takes up to <paramref name="limit"/> messages, the most urgent first; a record that holds several is taken whole. One attempt: the caller
    /// decides when to try again.
    /// </summary>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, CancellationToken cancellationToken = default) =>
        LeaseAsync(limit, lease, [], reclaim: true, cancellationToken);

    /// <summary>
    /// The same, and settles what is finished on the way: one round trip for both. Whatever happens, each acknowledgement's
    /// listener is told; where the reply is lost, the settle lane repeats it.
    /// </summary>
    /// <param name="limit">How many messages at most.</param>
    /// <param name="lease">How long they are leased.</param>
    /// <param name="finished">What is to be settled on the way.</param>
    /// <param name="reclaim">False soon after an outage: leases that ended meanwhile are left to their owners, who may be about to renew them.</param>
    /// <param name="cancellationToken">Ends the waiting for a connection.</param>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public async Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, IReadOnlyList<Acknowledgement> finished, bool reclaim = true,
        CancellationToken cancellationToken = default)
    {
        var sent = false;
        try
        {
            if (await FindAsync(lease, cancellationToken).ConfigureAwait(false))
            {
                var found = await FetchAsync(limit, lease, cancellationToken).ConfigureAwait(false);
                HandOver(finished, repeated: false);
                return found;
            }

            sent = true;
            return await LeaseOnceAsync(limit, lease, finished, reclaim, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            HandOver(finished, repeated: sent);
            throw;
        }
    }

    async Task<LeaseResult> LeaseOnceAsync(int limit, TimeSpan lease, IReadOnlyList<Acknowledgement> finished, bool reclaim, CancellationToken cancellationToken)
    {
        var token = NewToken();
        var leaseMilliseconds = (long)lease.TotalMilliseconds;
        var values = new RedisValue[6 + finished.Count];
        values[0] = token;
        values[1] = Math.Clamp(limit, 1, MaxMessages);
        values[2] = leaseMilliseconds;
        values[3] = _keys.WakeChannelName;
        values[4] = _budget.Bytes;
        values[5] = reclaim ? 1 : 0;
        for (var i = 0; i < finished.Count; i++)
            values[6 + i] = finished[i].Lease.Member;

        var asked = Stopwatch.GetTimestamp();
        var reply = await RunAsync(ScriptCatalog.Lease, values, new LostCall(token, EarliestEnd(leaseMilliseconds), _time.GetUtcNow(), RecoverAttempts, Stray: false),
            cancellationToken).ConfigureAwait(false);
        Tell(finished, (RedisResult[])reply[7]!);
        _meter.Settled(finished.Sum(x => x.Lease.MessageCount));
        _serverTime = (long)reply[0];
        if ((int)reply[10] == 1 && _sweepCursor is null && _time.GetUtcNow() >= _sweepNotBefore)
            _sweepCursor = "0";
        var messages = Messages(reply, token, asked);
        return new LeaseResult(messages, _serverTime, NextDue(reply), (int)reply[2] == 1, (int)reply[3]) { Foreign = (int)reply[9] };
    }

    /// <summary>One attempt; where its reply is lost, what it has leased is looked for later.</summary>
    async Task<RedisResult[]> RunAsync(RedisScript script, RedisValue[] values, LostCall? lost, CancellationToken cancellationToken)
    {
        try
        {
            var reply = (RedisResult[])(await _runner.RunAsync(script, _keys.All, values, cancellationToken).ConfigureAwait(false))!;
            _budget.Answered();
            return reply;
        }
        catch (RedisServerException exception) when (!RedisErrors.IsTransient(exception))
        {
            throw RedisErrors.Refused(script, _keys.All, exception);
        }
        catch (Exception exception) when (RedisErrors.IsTransient(exception))
        {
            if (exception is not RedisTransportException)
            {
                _budget.Lost();
                if (lost is { } call)
                    _lost.Enqueue(call);
            }

            throw RedisErrors.Unanswered(script, exception);
        }
    }

    /// <summary>True where something is leased that is to be fetched before anything new is taken.</summary>
    async Task<bool> FindAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        if (_backlog.Count == 0 && _lost.TryPeek(out var lost) && _time.GetUtcNow() >= lost.NotBefore)
            await RecoverAsync(lost, cancellationToken).ConfigureAwait(false);
        if (_backlog.Count == 0 && _sweepCursor is not null)
            await SweepAsync(lease, cancellationToken).ConfigureAwait(false);
        return _backlog.Count > 0;
    }

    async Task<LeaseResult> FetchAsync(int limit, TimeSpan lease, CancellationToken cancellationToken)
    {
        var messages = await _backlog.FetchAsync(limit, lease, RunBacklogAsync, cancellationToken).ConfigureAwait(false);
        return new LeaseResult(messages, _serverTime, TimeSpan.Zero, Declared: true, Reclaimed: 0) { LeasedAt = _backlog.RenewedAt };

        Task<RedisResult[]> RunBacklogAsync(RedisScript script, RedisValue[] values) => RunAsync(script, values, null, cancellationToken);
    }

    void HandOver(IReadOnlyList<Acknowledgement> finished, bool repeated)
    {
        foreach (var acknowledgement in finished)
            _settle.Settle(acknowledgement.Lease, acknowledgement.Listener, repeated);
    }

    static void Tell(IReadOnlyList<Acknowledgement> finished, RedisResult[] lost)
    {
        if (finished.Count == 0)
            return;

        // Not repeated: what is gone was settled by another owner.
        var indexes = lost.Length == 0 ? null : lost.Select(x => Math.Abs((int)x) - 1).ToHashSet();
        for (var i = 0; i < finished.Count; i++)
            finished[i].Listener.OnSettled(indexes?.Contains(i) is true, null);
    }

    async Task RecoverAsync(LostCall lost, CancellationToken cancellationToken)
    {
        var found = new List<LeasedEntry>();
        for (var offset = 0; ; offset += RecoverPage)
        {
            var reply = await RunAsync(ScriptCatalog.Recover, [lost.Token, lost.EarliestEnd, offset], null, cancellationToken).ConfigureAwait(false);
            _serverTime = (long)reply[0];
            found.AddRange(Entries((RedisResult[])reply[3]!, (RedisResult[])reply[4]!, lost.Token, lost.Stray));
            if ((int)reply[1] == 0)
                break;
        }

        _lost.Dequeue();
        // Nobody has renewed these since the reply was lost: their leases may be about to end, or be lost already.
        if (found.Count > 0)
            _backlog.Add(found, renewedAt: null);
        else if (lost.Attempts > 1)
            _lost.Enqueue(lost with { Attempts = lost.Attempts - 1, NotBefore = _time.GetUtcNow() + RecoverPause });
    }

    /// <summary>A few records further: those in no set are leased as what they are.</summary>
    async Task SweepAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        var token = NewToken();
        var milliseconds = (long)lease.TotalMilliseconds;
        var asked = Stopwatch.GetTimestamp();
        var reply = await RunAsync(ScriptCatalog.Sweep, [token, milliseconds, _sweepCursor, SweepRecords],
            new LostCall(token, EarliestEnd(milliseconds), _time.GetUtcNow(), RecoverAttempts, Stray: true), cancellationToken).ConfigureAwait(false);
        _serverTime = (long)reply[0];
        _backlog.Add(Entries((RedisResult[])reply[2]!, [], token, stray: true), asked);
        var next = (string?)reply[1];
        _sweepCursor = next is null or "0" ? null : next;
        if (_sweepCursor is null)
            _sweepNotBefore = _time.GetUtcNow() + SweepPause;
    }

    string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{_receiver}{++_calls:x}");

    long EarliestEnd(long lease) => _serverTime == 0 ? 0 : _serverTime + lease;

    /// <summary>At once where the call ended before everything was taken that could be.</summary>
    static TimeSpan? NextDue(RedisResult[] reply)
    {
        var due = (long)reply[1];
        return (int)reply[8] == 1 ? TimeSpan.Zero : due < 0 ? null : TimeSpan.FromMilliseconds(due);
    }

    /// <summary>What is here; one that is too long for a reply is fetched by the next call.</summary>
    LeasedMessage[] Messages(RedisResult[] reply, string token, long asked)
    {
        var keys = (RedisResult[])reply[4]!;
        if (keys.Length == 0)
            return [];

        var records = (RedisResult[])reply[5]!;
        var counts = (RedisResult[])reply[6]!;
        if (records.Length > 0 && records[0].Resp2Type == ResultType.Integer)
        {
            _backlog.Add(Entries(keys, counts, token, stray: false, (int)Math.Min(int.MaxValue, (long)records[0])), asked);
            return [];
        }

        var messages = new LeasedMessage[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var key = (byte[])keys[i]!;
            // The script hands out nothing else.
            _ = MessageKey.TryParse(key, out var parsed);
            messages[i] = new LeasedMessage(LeaseHandle.Create(key, token), parsed,
                i >= records.Length || records[i].IsNull ? (ReadOnlyMemory<byte>?)null : (byte[])records[i]!, DeliveryCount(counts, i))
            {
                WasReturned = i < counts.Length && !counts[i].IsNull && DeliveryCount(counts, i) == 0,
            };
        }

        return messages;
    }

    static IEnumerable<LeasedEntry> Entries(RedisResult[] keys, RedisResult[] counts, string token, bool stray, int length = 0)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var key = (byte[])keys[i]!;
            if (MessageKey.TryParse(key, out var parsed))
                yield return new LeasedEntry(LeaseHandle.Create(key, token), parsed, DeliveryCount(counts, i), stray, length);
        }
    }

    /// <summary>How often a message has failed; a count that cannot be read is none.</summary>
    static int DeliveryCount(RedisResult[] counts, int index) => index < counts.Length ? MessageQueue.DeliveryCount(counts[index]) : 0;

    readonly record struct LostCall(string Token, long EarliestEnd, DateTimeOffset NotBefore, int Attempts, bool Stray);
}
