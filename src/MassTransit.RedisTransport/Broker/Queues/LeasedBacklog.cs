using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A message that is leased and whose record is still on the server, or partly here.</summary>
internal sealed class LeasedEntry(LeaseHandle lease, MessageKey key, int deliveryCount, bool stray, int length = 0)
{
    byte[]? _buffer;

    public LeaseHandle Lease => lease;

    public RedisValue Key { get; } = lease.Key.ToArray();

    /// <summary>How long the record is, where it is known to be too long for one reply; 0 otherwise.</summary>
    public int Length { get; private set; } = length;

    /// <summary>How much of it has come.</summary>
    public int Offset { get; private set; }

    /// <summary>From the start, with another length.</summary>
    public void Restart(int length) => (Length, Offset, _buffer) = (length, 0, null);

    /// <summary>Adds the next part. The whole record, or <c>null</c> where more is to come.</summary>
    public byte[]? Append(byte[] part)
    {
        _buffer ??= new byte[Length];
        part.CopyTo(_buffer, Offset);
        Offset += part.Length;
        return Offset == Length ? _buffer : null;
    }

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

            if (_entries[0].Length > budget.Bytes)
            {
                messages = await ReadLongAsync(_entries[0], started, lease, run).ConfigureAwait(false);
                continue;
            }

            var asked = _entries.Take(Math.Clamp(limit, 1, LeaseReader.MaxRecords)).ToArray();
            messages = Take(asked, await run(ScriptCatalog.Fetch, [budget.Bytes, 0, .. asked.Select(x => x.Key)]).ConfigureAwait(false));
        }

        return [.. messages];
    }

    /// <summary>
    /// The parts of one record, two on their way at a time, so that a link is not idle between them; together they are no more than
    /// one reply may be.
    /// </summary>
    async Task<List<LeasedMessage>> ReadLongAsync(LeasedEntry entry, long started, TimeSpan lease, Func<RedisScript, RedisValue[], Task<RedisResult[]>> run)
    {
        Task<RedisResult[]>? ahead = null;
        var size = Math.Max(1, budget.Bytes / 2);
        try
        {
            while (true)
            {
                var current = ahead ?? Ask(entry.Offset);
                var next = entry.Offset + size;
                ahead = next < entry.Length && Stopwatch.GetElapsedTime(started) < LongestFetch ? Ask(next) : null;
                var reply = await current.ConfigureAwait(false);
                if ((long)reply[0] != entry.Length)
                    return Changed(entry, (long)reply[0]);

                if (entry.Append((byte[])reply[1]!) is { } record)
                {
                    _entries.RemoveAt(0);
                    return [entry.Message(record)];
                }

                if (ahead is null)
                    return [];
                await RenewAsync(lease, lease / 6, run).ConfigureAwait(false);
                if (!_entries.Contains(entry))
                    return [];
            }
        }
        finally
        {
            // Nobody looks at one that was asked for in vain.
            _ = ahead?.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        Task<RedisResult[]> Ask(int offset) => run(ScriptCatalog.Fetch, [size, offset, entry.Key]);
    }

    /// <summary>Somebody else has written another record, which is read from its start, or deleted it, which the receiver deals with.</summary>
    List<LeasedMessage> Changed(LeasedEntry entry, long length)
    {
        entry.Restart((int)Math.Max(0, length));
        if (length >= 0)
            return [];

        _entries.Remove(entry);
        return [entry.Message(null)];
    }

    /// <summary>Takes over what a reply has brought, in the order it was asked for.</summary>
    List<LeasedMessage> Take(LeasedEntry[] asked, RedisResult[] reply)
    {
        var first = asked[0];
        var length = (long)reply[0];
        if (length < 0)
            return Changed(first, length);

        var part = (byte[])reply[1]!;
        if (part.Length < length)
        {
            // Too long for one reply, which nobody knew: the rest is asked for in parts.
            first.Restart((int)length);
            first.Append(part);
            return [];
        }

        var messages = new List<LeasedMessage> { first.Message(part) };
        for (var i = 2; i < reply.Length; i++)
            messages.Add(asked[i - 1].Message(reply[i].IsNull ? (ReadOnlyMemory<byte>?)null : (byte[])reply[i]!));
        _entries.RemoveRange(0, messages.Count);
        return messages;
    }

    /// <summary>Renews where the last renewal is older than that, and forgets what was lost.</summary>
    async Task RenewAsync(TimeSpan lease, TimeSpan age, Func<RedisScript, RedisValue[], Task<RedisResult[]>> run)
    {
        if (_renewedAt is { } since && Stopwatch.GetElapsedTime(since) < age)
            return;

        var asked = Stopwatch.GetTimestamp();
        var gone = new HashSet<LeasedEntry>();
        for (var first = 0; first < _entries.Count; first += LeaseReader.MaxRecords)
        {
            var page = _entries.Skip(first).Take(LeaseReader.MaxRecords).ToArray();
            var reply = await run(ScriptCatalog.Renew, [(long)lease.TotalMilliseconds, .. page.Select(x => (RedisValue)x.Lease.Member)]).ConfigureAwait(false);
            foreach (var index in reply)
                gone.Add(page[(int)index - 1]);
        }

        _entries.RemoveAll(gone.Contains);
        _renewedAt = asked;
    }
}
