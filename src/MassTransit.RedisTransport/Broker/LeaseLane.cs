using System.Globalization;
using System.Security.Cryptography;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// The way out of a queue for one receiver, one call at a time. Each call leases under a token of its own; when a reply is
/// lost, the next calls look for what was leased under that token before they take anything new.
/// </summary>
internal sealed class LeaseLane
{
    /// <summary>How many records one call takes at most.</summary>
    public const int MaxRecords = BrokerQueue.MaxBatch;

    /// <summary>How many messages one call takes at most, where records hold many of them.</summary>
    public const int MaxMessages = 5_000;

    /// <summary>What one call of the recover script looks through.</summary>
    const int RecoverPage = 1_000;

    /// <summary>A frozen server may run a call long after the client gave up on it: look again, calmly, a few times.</summary>
    const int RecoverAttempts = 3;

    static readonly TimeSpan RecoverPause = TimeSpan.FromSeconds(2);

    readonly ScriptRunner _runner;
    readonly QueueKeys _keys;
    readonly SettleLane _settle;
    readonly TimeProvider _time;
    readonly QueueMeter _meter;
    readonly string _receiver = RandomNumberGenerator.GetHexString(12, lowercase: true);
    readonly Queue<LostCall> _lost = new();
    long _calls;
    long _serverTime;

    public LeaseLane(ScriptRunner runner, QueueKeys keys, SettleLane settle, TimeProvider time, QueueMeter meter)
    {
        _runner = runner;
        _keys = keys;
        _settle = settle;
        _time = time;
        _meter = meter;
    }

    /// <summary>
    /// Takes up to <paramref name="limit"/> messages, the most urgent first; a record that holds several is taken whole. One attempt: the caller
    /// decides when to try again.
    /// </summary>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, CancellationToken cancellationToken = default) =>
        LeaseAsync(limit, lease, [], cancellationToken);

    /// <summary>
    /// The same, and settles what is finished on the way: one round trip for both. Whatever happens, each acknowledgement's
    /// listener is told; where the reply is lost, the settle lane repeats it.
    /// </summary>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public async Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, IReadOnlyList<Acknowledgement> finished, CancellationToken cancellationToken = default)
    {
        var sent = false;
        try
        {
            if (_lost.TryPeek(out var lost) && _time.GetUtcNow() >= lost.NotBefore
                && await RecoverAsync(lost, lease, cancellationToken).ConfigureAwait(false) is { } recovered)
            {
                HandOver(finished, repeated: false);
                return recovered;
            }

            sent = true;
            return await LeaseOnceAsync(limit, lease, finished, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            HandOver(finished, repeated: sent);
            throw;
        }
    }

    async Task<LeaseResult> LeaseOnceAsync(int limit, TimeSpan lease, IReadOnlyList<Acknowledgement> finished, CancellationToken cancellationToken)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"{_receiver}{++_calls:x}");
        var leaseMilliseconds = (long)lease.TotalMilliseconds;
        var values = new RedisValue[5 + finished.Count];
        values[0] = token;
        values[1] = Math.Clamp(limit, 1, MaxMessages);
        values[2] = leaseMilliseconds;
        values[3] = _keys.WakeChannelName;
        values[4] = int.MaxValue;
        for (var i = 0; i < finished.Count; i++)
            values[5 + i] = finished[i].Lease.Member;

        RedisResult[] reply;
        try
        {
            reply = (RedisResult[])(await _runner.RunAsync(ScriptCatalog.Lease, _keys.All, values, cancellationToken).ConfigureAwait(false))!;
        }
        catch (RedisServerException exception) when (!ScriptRunner.IsTransient(exception))
        {
            throw ScriptRunner.Refused(ScriptCatalog.Lease, _keys.All, exception);
        }
        catch (Exception exception) when (ScriptRunner.IsTransient(exception))
        {
            if (exception is not RedisTransportException)
                _lost.Enqueue(new LostCall(token, _serverTime == 0 ? 0 : _serverTime + leaseMilliseconds, _time.GetUtcNow(), RecoverAttempts));
            throw ScriptRunner.Unanswered(ScriptCatalog.Lease, exception);
        }

        Tell(finished, (RedisResult[])reply[7]!);
        _meter.Settled(finished.Sum(x => x.Lease.Messages));
        _serverTime = (long)reply[0];
        var messages = Messages(reply, token);
        return new LeaseResult(messages, _serverTime, NextDue(reply), (int)reply[2] == 1, (int)reply[3]);
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

    async Task<LeaseResult?> RecoverAsync(LostCall lost, TimeSpan lease, CancellationToken cancellationToken)
    {
        var found = new List<LeasedMessage>();
        var declared = true;
        try
        {
            for (var offset = 0; ; offset += RecoverPage)
            {
                var reply = (RedisResult[])(await _runner.RunAsync(ScriptCatalog.Recover, _keys.All,
                    [lost.Token, lost.EarliestEnd, offset], cancellationToken).ConfigureAwait(false))!;
                _serverTime = (long)reply[0];
                declared = (int)reply[2] == 1;
                found.AddRange(Messages(reply, lost.Token));
                if ((int)reply[1] == 0)
                    break;
            }

            await RenewAsync(found, lease, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (!ScriptRunner.IsTransient(exception))
        {
            throw ScriptRunner.Refused(ScriptCatalog.Recover, _keys.All, exception);
        }
        catch (Exception exception) when (ScriptRunner.IsTransient(exception))
        {
            throw ScriptRunner.Unanswered(ScriptCatalog.Recover, exception);
        }

        _lost.Dequeue();
        if (found.Count > 0)
            return new LeaseResult([.. found], _serverTime, TimeSpan.Zero, declared, 0);

        if (lost.Attempts > 1)
            _lost.Enqueue(lost with { Attempts = lost.Attempts - 1, NotBefore = _time.GetUtcNow() + RecoverPause });
        return null;
    }

    /// <summary>Nobody has renewed these since the reply was lost: their leases may be about to end, or be lost already.</summary>
    async Task RenewAsync(List<LeasedMessage> found, TimeSpan lease, CancellationToken cancellationToken)
    {
        for (var first = 0; first < found.Count; first += MaxRecords)
        {
            var page = found[first..Math.Min(first + MaxRecords, found.Count)];
            var reply = (RedisResult[])(await _runner.RunAsync(ScriptCatalog.Renew, _keys.All,
                [(long)lease.TotalMilliseconds, .. page.Select(x => (RedisValue)x.Lease.Member)], cancellationToken).ConfigureAwait(false))!;
            var lost = reply.Select(x => page[(int)x - 1].Lease).ToHashSet();
            first -= found.RemoveAll(x => lost.Contains(x.Lease));
        }
    }

    /// <summary>At once where the call ended before everything was taken that could be.</summary>
    static TimeSpan? NextDue(RedisResult[] reply)
    {
        var due = (long)reply[1];
        return (int)reply[8] == 1 ? TimeSpan.Zero : due < 0 ? null : TimeSpan.FromMilliseconds(due);
    }

    static LeasedMessage[] Messages(RedisResult[] reply, string token)
    {
        var keys = (RedisResult[])reply[4]!;
        if (keys.Length == 0)
            return [];

        var records = (RedisResult[])reply[5]!;
        var counts = (RedisResult[])reply[6]!;
        var messages = new List<LeasedMessage>(keys.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            var key = (byte[])keys[i]!;
            // No script writes such a member: somebody else did. It stays where it is, and the queue goes on.
            if (!MessageKey.TryParse(key, out var parsed))
                continue;

            var count = counts.Length > i && !counts[i].IsNull ? (int)counts[i] : 0;
            messages.Add(new LeasedMessage(LeaseHandle.Create(key, token), parsed, records[i].IsNull ? (ReadOnlyMemory<byte>?)null : (byte[])records[i]!, count));
        }

        return [.. messages];
    }

    readonly record struct LostCall(string Token, long EarliestEnd, DateTimeOffset NotBefore, int Attempts);
}
