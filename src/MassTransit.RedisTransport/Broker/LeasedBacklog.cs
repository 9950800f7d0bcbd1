using System.Diagnostics;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>A message that is leased and whose record is still on the server, or partly here.</summary>
internal sealed class LeasedEntry(LeaseHandle lease, MessageKey key, int deliveryCount, bool stray)
{
    public LeaseHandle Lease => lease;

    public RedisValue Key { get; } = lease.Key.ToArray();

    /// <summary>What has come of a record that comes in parts.</summary>
    public byte[]? Buffer { get; set; }

    public int Offset { get; set; }

    public LeasedMessage Message(ReadOnlyMemory<byte>? record) => new(lease, key, record, deliveryCount, stray);
}

/// <summary>
/// What one receiver has leased and not yet read: a message too long for one reply, and what a lost reply had brought. Read in
/// bounded parts, of which one that is lost is asked for again; leases are renewed meanwhile.
/// </summary>
internal sealed class LeasedBacklog(ReplyBudget budget)
{
    /// <summary>A stop is not kept waiting for the whole of a very long message.</summary>
    static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(1);

    readonly List<LeasedEntry> _entries = [];
    long? _renewedAt;

    public int Count => _entries.Count;

    /// <summary>When the leases were asked for or renewed last.</summary>
    public long? RenewedAt => _renewedAt;

    public IReadOnlyList<LeaseHandle> Leases => [.. _entries.Select(x => x.Lease)];

    /// <param name="entries">What is leased.</param>
    /// <param name="renewedAt">When that was asked for; <c>null</c> where nobody knows how long ago.</param>
    public void Add(IEnumerable<LeasedEntry> entries, long? renewedAt)
    {
        _entries.AddRange(entries);
        _renewedAt = renewedAt;
    }

    /// <summary>
    /// The next messages, as many as one reply holds; none where only parts of one have come so far. Those whose leases were lost
    /// meanwhile are passed over.
    /// </summary>
    /// <param name="limit">How many records at most.</param>
    /// <param name="lease">How long leases are.</param>
    /// <param name="run">Runs a script on the queue.</param>
    /// <param name="cancellationToken">Ends the waiting between two calls.</param>
    public async Task<LeasedMessage[]> FetchAsync(int limit, TimeSpan lease, Func<RedisScript, RedisValue[], Task<RedisResult[]>> run,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        List<LeasedMessage> messages = [];
        while (_entries.Count > 0 && messages.Count == 0 && Stopwatch.GetElapsedTime(started) < LongestFetch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await RenewAsync(lease, lease / 6, run).ConfigureAwait(false);
            if (_entries.Count == 0)
                break;

            var asked = _entries.Take(Math.Clamp(limit, 1, LeaseLane.MaxRecords)).ToArray();
            var reply = await run(ScriptCatalog.Fetch, [budget.Bytes, asked[0].Offset, .. asked.Select(x => x.Key)]).ConfigureAwait(false);
            messages = Take(asked, reply);
        }

        return [.. messages];
    }

    /// <summary>Takes over what a reply has brought, in the order it was asked for.</summary>
    List<LeasedMessage> Take(LeasedEntry[] asked, RedisResult[] reply)
    {
        var messages = new List<LeasedMessage>();
        var first = asked[0];
        var length = (long)reply[0];
        if (length < 0)
        {
            // The body is missing, and was missing from the start or is deleted now: the receiver deals with it.
            messages.Add(first.Message(null));
            _entries.Remove(first);
            return messages;
        }

        if (Complete(first, (int)length, (byte[])reply[1]!) is not { } record)
            return messages;

        messages.Add(first.Message(record));
        for (var i = 2; i < reply.Length; i++)
            messages.Add(asked[i - 1].Message(reply[i].IsNull ? (ReadOnlyMemory<byte>?)null : (byte[])reply[i]!));
        _entries.RemoveRange(0, messages.Count);
        return messages;
    }

    /// <summary>The whole record, or <c>null</c> where more is to come.</summary>
    static byte[]? Complete(LeasedEntry entry, int length, byte[] part)
    {
        if (entry.Offset == 0 && part.Length == length)
            return part;

        // Another record than before, written by somebody else: from the start.
        if (entry.Buffer is null || entry.Buffer.Length != length)
            (entry.Buffer, part, entry.Offset) = (new byte[length], entry.Offset == 0 ? part : [], 0);
        part.CopyTo(entry.Buffer, entry.Offset);
        entry.Offset += part.Length;
        return entry.Offset == length ? entry.Buffer : null;
    }

    /// <summary>Renews where the last renewal is older than that, and forgets what was lost.</summary>
    async Task RenewAsync(TimeSpan lease, TimeSpan age, Func<RedisScript, RedisValue[], Task<RedisResult[]>> run)
    {
        if (_renewedAt is { } since && Stopwatch.GetElapsedTime(since) < age)
            return;

        var asked = Stopwatch.GetTimestamp();
        var gone = new HashSet<LeasedEntry>();
        for (var first = 0; first < _entries.Count; first += LeaseLane.MaxRecords)
        {
            var page = _entries.Skip(first).Take(LeaseLane.MaxRecords).ToArray();
            var reply = await run(ScriptCatalog.Renew, [(long)lease.TotalMilliseconds, .. page.Select(x => (RedisValue)x.Lease.Member)]).ConfigureAwait(false);
            foreach (var index in reply)
                gone.Add(page[(int)index - 1]);
        }

        _entries.RemoveAll(gone.Contains);
        _renewedAt = asked;
    }
}
