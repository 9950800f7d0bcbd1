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
/// Leases messages of a queue for one receiver, with one call at a time. Each call has its own lease token. If a reply is lost, the next
/// calls look for the messages leased under that token before they take new ones. Records that are leased and not yet read are fetched in
/// parts by further calls.
/// </summary>
internal sealed class LeaseReader
{
    /// <summary>How many hex digits the id of a receiver has.</summary>
    const int ReceiverLength = 12;

    /// <summary>How many records one call leases at most.</summary>
    public const int MaxRecords = MessageQueue.MaxBatch;

    /// <summary>How many messages one call leases at most, if records hold many of them.</summary>
    public const int MaxMessages = 5_000;

    /// <summary>How many leases one call of the recover script looks through.</summary>
    const int RecoverPage = 1_000;

    /// <summary>How often a lost call is looked for. A frozen server may run a call long after the client has given up on it.</summary>
    const int RecoverAttempts = 3;

    static readonly TimeSpan RecoverPause = TimeSpan.FromSeconds(2);

    /// <summary>The pause after a complete sweep.</summary>
    static readonly TimeSpan SweepPause = TimeSpan.FromMinutes(1);

    /// <summary>How long leased records are fetched before the queue is asked whether it was paused meanwhile.</summary>
    static readonly TimeSpan ControlAge = TimeSpan.FromSeconds(1);

    /// <summary>About how many records one call of the sweep looks at. All of them are loaded into the script.</summary>
    const int SweepRecords = 20;

    /// <summary>How many leases one call of the sweep looks at. It takes well below 1 ms.</summary>
    const int SweepLeases = 1_000;

    /// <summary>The sweep's cursor at the start.</summary>
    const string SweepStart = "+";

    readonly ScriptCaller _runner;
    readonly QueueKeys _keys;
    readonly SettleLane _settle;
    readonly TimeProvider _time;
    readonly QueueMeter _meter;
    readonly string _receiver;
    readonly Queue<LostCall> _lost = new();
    readonly LeasedBacklog _backlog;
    readonly ReplyBudget _budget = new();
    DateTimeOffset _sweepNotBefore;
    string? _sweepCursor;
    long _calls;
    long _serverTime;
    LeaseControl _control;
    long _askedAt;

    public LeaseReader(ScriptCaller runner, QueueKeys keys, SettleLane settle, TimeProvider time, QueueMeter meter,
        string? receiver = null)
    {
        _runner = runner;
        _receiver = receiver ?? NewReceiver();
        _keys = keys;
        _settle = settle;
        _time = time;
        _meter = meter;
        _backlog = new LeasedBacklog(_budget);
    }

    /// <summary>Creates the id of a receiver.</summary>
    public static string NewReceiver() => RandomNumberGenerator.GetHexString(ReceiverLength, lowercase: true);

    /// <summary>Returns the receiver that has made a lease token.</summary>
    public static string ReceiverOf(string token) => token[..Math.Min(ReceiverLength, token.Length)];

    /// <summary>The leases that have not been handed out yet. A stop returns them.</summary>
    public IReadOnlyList<LeaseHandle> Held => _backlog.Leases;

    /// <summary>
    /// Leases up to <paramref name="limit"/> messages, the most urgent first; a record is leased as a whole. It makes one attempt; the
    /// caller decides when to try again.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, CancellationToken cancellationToken = default) =>
        LeaseAsync(Math.Max(1, limit), lease, [], reclaim: true, cancellationToken);

    /// <summary>
    /// Leases messages and settles finished ones in the same round trip. Each acknowledgement's listener gets a result in any case. If the
    /// reply is lost, the settle lane repeats the acknowledgements.
    /// </summary>
    /// <param name="limit">How many messages at most; 0: only settle, and see what operators have set.</param>
    /// <param name="lease">The duration of the leases.</param>
    /// <param name="finished">The acknowledgements to settle with the call.</param>
    /// <param name="reclaim">False soon after an outage: expired leases are left to their owners, who may be about to renew them.</param>
    /// <param name="cancellationToken">Stops the waiting for a connection.</param>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public async Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, IReadOnlyList<Acknowledgement> finished, bool reclaim = true,
        CancellationToken cancellationToken = default)
    {
        var sent = false;
        try
        {
            if (limit > 0 && await FindAsync(lease, cancellationToken).ConfigureAwait(false))
            {
                if (_control.IsPaused || Stopwatch.GetElapsedTime(_askedAt) > ControlAge)
                {
                    sent = true;
                    return await LookAsync(lease, finished, cancellationToken).ConfigureAwait(false);
                }

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

    /// <summary>
    /// Asks what operators have set while leased records wait to be fetched. If the queue is paused, they are given back to their places.
    /// </summary>
    async Task<LeaseResult> LookAsync(TimeSpan lease, IReadOnlyList<Acknowledgement> finished, CancellationToken cancellationToken)
    {
        // Takes no expired lease back: after an outage those that wait here may have expired, and their fetch renews them.
        var looked = await LeaseOnceAsync(0, lease, finished, reclaim: false, cancellationToken).ConfigureAwait(false);
        if (!_control.IsPaused)
            return looked with { NextDue = TimeSpan.Zero };

        try
        {
            await _backlog.GiveBackAsync(_keys.WakeChannelName, (script, values) => RunAsync(script, values, null, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (RedisTransportException)
        {
            // The acknowledgements are settled, so the call has not failed. The next one gives back what is left.
        }

        return looked;
    }

    async Task<LeaseResult> LeaseOnceAsync(int limit, TimeSpan lease, IReadOnlyList<Acknowledgement> finished, bool reclaim,
        CancellationToken cancellationToken)
    {
        var token = NewToken();
        var leaseMilliseconds = (long)lease.TotalMilliseconds;
        var values = new RedisValue[6 + finished.Count];
        values[0] = token;
        values[1] = Math.Clamp(limit, 0, MaxMessages);
        values[2] = leaseMilliseconds;
        values[3] = _keys.WakeChannelName;
        values[4] = _budget.Bytes;
        values[5] = reclaim ? 1 : 0;
        for (var i = 0; i < finished.Count; i++)
            values[6 + i] = finished[i].Lease.Member;

        var asked = Stopwatch.GetTimestamp();
        var reply = await RunAsync(ScriptCatalog.Lease, values,
            new LostCall(token, EarliestEnd(leaseMilliseconds), _time.GetUtcNow(), RecoverAttempts, Stray: false),
            cancellationToken).ConfigureAwait(false);
        Tell(finished, (RedisResult[])reply[7]!);
        _meter.Settled(finished.Sum(x => x.Lease.MessageCount));
        _serverTime = (long)reply[0];
        _askedAt = asked;
        _control = new LeaseControl((int)reply[11] == 1, (long)reply[12], (int)reply[13], (int)reply[14]);
        if ((int)reply[10] == 1 && _sweepCursor is null && _time.GetUtcNow() >= _sweepNotBefore)
            _sweepCursor = SweepStart;
        var messages = Messages(reply, token, asked);
        return new LeaseResult(messages, _serverTime, NextDue(reply), (int)reply[2] == 1, (int)reply[3])
        {
            Foreign = (int)reply[9],
            Control = _control,
        };
    }

    /// <summary>Runs one attempt. If its reply is lost, the messages that it has leased are looked for later.</summary>
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

    /// <summary>Returns true if leased records must be fetched before new messages are leased.</summary>
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
        return new LeaseResult(messages, _serverTime, TimeSpan.Zero, Declared: true, Reclaimed: 0)
        {
            LeasedAt = _backlog.RenewedAt,
            Control = _control,
        };

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

        // This call is not a repetition, so another owner has settled a message that is gone.
        var indexes = lost.Length == 0 ? null : lost.Select(x => Math.Abs((int)x) - 1).ToHashSet();
        for (var i = 0; i < finished.Count; i++)
            finished[i].Listener.OnSettled(indexes?.Contains(i) is true, null);
    }

    async Task RecoverAsync(LostCall lost, CancellationToken cancellationToken)
    {
        var found = new List<LeasedEntry>();
        for (var offset = 0; ; offset += RecoverPage)
        {
            var reply = await RunAsync(ScriptCatalog.Recover, [lost.Token, lost.EarliestEnd, offset], null, cancellationToken)
                .ConfigureAwait(false);
            _serverTime = (long)reply[0];
            found.AddRange(Entries((RedisResult[])reply[3]!, (RedisResult[])reply[4]!, lost.Token, lost.Stray));
            if ((int)reply[1] == 0)
                break;
        }

        _lost.Dequeue();
        // These leases have not been renewed since the reply was lost, so they may end soon or be lost already.
        if (found.Count > 0)
            _backlog.Add(found, renewedAt: null);
        else if (lost.Attempts > 1)
            _lost.Enqueue(lost with { Attempts = lost.Attempts - 1, NotBefore = _time.GetUtcNow() + RecoverPause });
    }

    /// <summary>Sweeps the next few records or leases. Records in no set are leased as strays.</summary>
    async Task SweepAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        var token = NewToken();
        var milliseconds = (long)lease.TotalMilliseconds;
        var asked = Stopwatch.GetTimestamp();
        var reply = await RunAsync(ScriptCatalog.Sweep, [token, milliseconds, _sweepCursor, SweepRecords, SweepLeases],
            new LostCall(token, EarliestEnd(milliseconds), _time.GetUtcNow(), RecoverAttempts, Stray: true), cancellationToken)
                .ConfigureAwait(false);
        _serverTime = (long)reply[0];
        _backlog.Add(Entries((RedisResult[])reply[2]!, [], token, stray: true), asked);
        var next = (string?)reply[1];
        _sweepCursor = next is null or "0" ? null : next;
        if (_sweepCursor is null)
            _sweepNotBefore = _time.GetUtcNow() + SweepPause;
    }

    string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{_receiver}{++_calls:x}");

    long EarliestEnd(long lease) => _serverTime == 0 ? 0 : _serverTime + lease;

    /// <summary>Returns when to call again: at once if the call ended before it had taken all available messages.</summary>
    static TimeSpan? NextDue(RedisResult[] reply)
    {
        var due = (long)reply[1];
        return (int)reply[8] == 1 ? TimeSpan.Zero : due < 0 ? null : TimeSpan.FromMilliseconds(due);
    }

    /// <summary>Reads the messages of a reply. A record that is too long for a reply is fetched by the next call.</summary>
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
            // The script returns only valid keys.
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

    /// <summary>How often a message has failed. A count that cannot be read counts as 0.</summary>
    static int DeliveryCount(RedisResult[] counts, int index) => index < counts.Length ? MessageQueue.DeliveryCount(counts[index]) : 0;

    readonly record struct LostCall(string Token, long EarliestEnd, DateTimeOffset NotBefore, int Attempts, bool Stray);
}
