using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A leased message whose record has not been read, or only in part.</summary>
internal sealed class LeasedEntry(LeaseHandle lease, MessageKey key, int deliveryCount, bool stray, int length = 0)
{
    byte[]? _buffer;

    public LeaseHandle Lease => lease;

    public RedisValue Key { get; } = lease.Key.ToArray();

    /// <summary>The length of the record if it is known to be too long for one reply; 0 otherwise.</summary>
    public int Length { get; private set; } = length;

    /// <summary>How many bytes have been read.</summary>
    public int Offset { get; private set; }

    /// <summary>Starts again from the beginning, with another length.</summary>
    public void Restart(int length) => (Length, Offset, _buffer) = (length, 0, null);

    /// <summary>Adds the next part. Returns the whole record, or <c>null</c> if further parts are missing.</summary>
    public byte[]? Append(byte[] part)
    {
        _buffer ??= new byte[Length];
        part.CopyTo(_buffer, Offset);
        Offset += part.Length;
        return Offset == Length ? _buffer : null;
    }

    /// <summary>True if its record was in no set, so that no consumer gets it.</summary>
    public bool Stray => stray;

    public LeasedMessage Message(ReadOnlyMemory<byte>? record) => new(lease, key, record, deliveryCount, stray);
}

/// <summary>
/// The messages that one receiver has leased and not yet read: those too long for one reply, and those of a lost reply. They are read in
/// bounded parts, a lost part is requested again, and the leases are renewed meanwhile.
/// </summary>
internal sealed class LeasedBacklog(ReplyBudget budget)
{
    /// <summary>The longest time of one fetch, so that a stop does not wait for the whole of a very long message.</summary>
    static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(1);

    readonly List<LeasedEntry> _entries = [];
    long? _renewedAt;

    public int Count => _entries.Count;

    /// <summary>When the leases were last requested or renewed.</summary>
    public long? RenewedAt => _renewedAt;

    public IReadOnlyList<LeaseHandle> Leases => [.. _entries.Select(x => x.Lease)];

    /// <param name="entries">The leased messages.</param>
    /// <param name="renewedAt">When the leases were requested; <c>null</c> if that is not known.</param>
    public void Add(IEnumerable<LeasedEntry> entries, long? renewedAt)
    {
        _entries.AddRange(entries);
        _renewedAt = renewedAt;
    }

    /// <summary>
    /// Returns the next messages, as many as fit into one reply; none if only parts of a record have been read so far. Messages whose
    /// leases were lost meanwhile are skipped.
    /// </summary>
    /// <param name="limit">How many records at most.</param>
    /// <param name="lease">The duration of leases.</param>
    /// <param name="run">Runs a script on the queue.</param>
    /// <param name="cancellationToken">Stops between two calls.</param>
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
    /// Reads the parts of one record. Two parts are requested at a time, so that the link is not idle between them; together they are no
    /// larger than one reply may be.
    /// </summary>
    async Task<List<LeasedMessage>> ReadLongAsync(LeasedEntry entry, long started, TimeSpan lease,
        Func<RedisScript, RedisValue[], Task<RedisResult[]>> run)
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
            // Observes the exception of a part that is not needed any more.
            _ = ahead?.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }

        Task<RedisResult[]> Ask(int offset) => run(ScriptCatalog.Fetch, [size, offset, entry.Key]);
    }

    /// <summary>
    /// Handles a record that another program has changed or deleted. A changed record is read from its start; a deleted one is handled by
    /// the receiver.
    /// </summary>
    List<LeasedMessage> Changed(LeasedEntry entry, long length)
    {
        entry.Restart((int)Math.Max(0, length));
        if (length >= 0)
            return [];

        _entries.Remove(entry);
        return [entry.Message(null)];
    }

    /// <summary>Takes the records of a reply, in the order in which they were requested.</summary>
    List<LeasedMessage> Take(LeasedEntry[] asked, RedisResult[] reply)
    {
        var first = asked[0];
        var length = (long)reply[0];
        if (length < 0)
            return Changed(first, length);

        var part = (byte[])reply[1]!;
        if (part.Length < length)
        {
            // The record is too long for one reply, which was not known before. The rest is requested in parts.
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

    /// <summary>
    /// Gives the messages back to their places, because the queue is paused. Strays stay: no consumer gets them, and back in the queue they
    /// would look like any other message.
    /// </summary>
    public async Task GiveBackAsync(string wakeChannel, Func<RedisScript, RedisValue[], Task<RedisResult[]>> run)
    {
        LeasedEntry[] leaving = [.. _entries.Where(x => !x.Stray)];
        foreach (var page in leaving.Chunk(LeaseReader.MaxRecords))
        {
            await run(ScriptCatalog.Release, [0, 0, wakeChannel, .. page.Select(x => (RedisValue)x.Lease.Member)]).ConfigureAwait(false);
            foreach (var entry in page)
                _entries.Remove(entry);
        }
    }

    /// <summary>Renews the leases if the last renewal is older than <paramref name="age"/>, and drops the lost ones.</summary>
    async Task RenewAsync(TimeSpan lease, TimeSpan age, Func<RedisScript, RedisValue[], Task<RedisResult[]>> run)
    {
        if (_renewedAt is { } since && Stopwatch.GetElapsedTime(since) < age)
            return;

        var asked = Stopwatch.GetTimestamp();
        var gone = new HashSet<LeasedEntry>();
        for (var first = 0; first < _entries.Count; first += LeaseReader.MaxRecords)
        {
            var page = _entries.Skip(first).Take(LeaseReader.MaxRecords).ToArray();
            var reply = await run(ScriptCatalog.Renew, [(long)lease.TotalMilliseconds, .. page.Select(x => (RedisValue)x.Lease.Member)])
                .ConfigureAwait(false);
            foreach (var index in reply)
                gone.Add(page[(int)index - 1]);
        }

        _entries.RemoveAll(gone.Contains);
        _renewedAt = asked;
    }
}
