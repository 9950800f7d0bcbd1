using System.Globalization;
using System.Security.Cryptography;
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
    public const int MaxMessages = 1_000;

    /// <summary>A frozen server may run a call long after the client gave up on it: look again, calmly, a few times.</summary>
    const int RecoverAttempts = 3;

    static readonly TimeSpan RecoverPause = TimeSpan.FromSeconds(2);

    readonly ScriptRunner _runner;
    readonly QueueKeys _keys;
    readonly TimeProvider _time;
    readonly string _receiver = RandomNumberGenerator.GetHexString(12, lowercase: true);
    readonly Queue<LostCall> _lost = new();
    long _calls;
    long _serverTime;

    public LeaseLane(ScriptRunner runner, QueueKeys keys, TimeProvider time)
    {
        _runner = runner;
        _keys = keys;
        _time = time;
    }

    /// <summary>Takes up to <paramref name="limit"/> messages, the most urgent first. One attempt: the caller decides when to try again.</summary>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public async Task<LeaseResult> LeaseAsync(int limit, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        if (_lost.TryPeek(out var lost) && _time.GetUtcNow() >= lost.NotBefore
            && await RecoverAsync(lost, lease, cancellationToken).ConfigureAwait(false) is { } recovered)
            return recovered;

        var token = string.Create(CultureInfo.InvariantCulture, $"{_receiver}{++_calls:x}");
        var leaseMilliseconds = (long)lease.TotalMilliseconds;
        try
        {
            var reply = (RedisResult[])(await _runner.RunAsync(ScriptCatalog.Lease, _keys.All,
                [token, Math.Clamp(limit, 1, MaxMessages), leaseMilliseconds, _keys.WakeChannelName], cancellationToken).ConfigureAwait(false))!;
            _serverTime = (long)reply[0];
            var messages = Messages(reply, token);
            return new LeaseResult(messages, _serverTime, NextDue(reply, messages.Length), (int)reply[2] == 1, (int)reply[3]);
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
    }

    async Task<LeaseResult?> RecoverAsync(LostCall lost, TimeSpan lease, CancellationToken cancellationToken)
    {
        var found = new List<LeasedMessage>();
        var declared = true;
        try
        {
            for (var offset = 0;; offset += MaxMessages)
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
        for (var first = 0; first < found.Count; first += MaxMessages)
        {
            var page = found[first..Math.Min(first + MaxMessages, found.Count)];
            var reply = (RedisResult[])(await _runner.RunAsync(ScriptCatalog.Renew, _keys.All,
                [(long)lease.TotalMilliseconds, .. page.Select(x => (RedisValue)x.Lease.Member)], cancellationToken).ConfigureAwait(false))!;
            var lost = reply.Select(x => page[(int)x - 1].Lease).ToHashSet();
            first -= found.RemoveAll(x => lost.Contains(x.Lease));
        }
    }

    /// <summary>At once where a member that no script wrote took the place of a message: there may be more behind it.</summary>
    static TimeSpan? NextDue(RedisResult[] reply, int messages)
    {
        var due = (long)reply[1];
        return messages < ((RedisResult[])reply[4]!).Length ? TimeSpan.Zero : due < 0 ? null : TimeSpan.FromMilliseconds(due);
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
