using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>An entry of the audit as it is stored, and its time by the server's clock, µs since 2024-01-01.</summary>
internal readonly record struct AuditRecord(long Time, ReadOnlyMemory<byte> Entry)
{
    public DateTimeOffset At => TimeOf(Time);

    public static DateTimeOffset TimeOf(long microseconds) => MessageKey.Epoch.AddMicroseconds(microseconds);
}

/// <summary>The audit of one key prefix. It keeps the newest entries; the oldest ones are dropped.</summary>
internal sealed class AuditLog(ScriptCaller caller, RedisKey key, Func<Deadline> newDeadline)
{
    /// <summary>How many entries are kept. With the longest texts they take about 15 MB, usually 3.</summary>
    public const int Capacity = 10_000;

    /// <summary>Stores an entry, or replaces one. A repetition stores nothing twice.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="replaced">The stored entry that it replaces, whose time it gets; empty for none.</param>
    /// <param name="cancellationToken">Stops the waiting; the entry may still be stored.</param>
    /// <returns>The time of the entry.</returns>
    /// <exception cref="RedisTransportException">The server has refused, or did not confirm within the send timeout.</exception>
    public async Task<long> WriteAsync(ReadOnlyMemory<byte> entry, ReadOnlyMemory<byte> replaced = default,
        CancellationToken cancellationToken = default)
    {
        var reply = await caller.RunWithRetryAsync(ScriptCatalog.Audit, [key], [Capacity, replaced, entry], newDeadline(),
            cancellationToken).ConfigureAwait(false);
        return long.Parse((string)reply.Result!, CultureInfo.InvariantCulture);
    }

    /// <summary>Reads entries, the newest first.</summary>
    /// <param name="newest">The latest time; entries of that very time are read too.</param>
    /// <param name="skip">How many entries of that time and before it to pass over.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<AuditRecord[]> ReadAsync(long newest, int skip, int count, CancellationToken cancellationToken = default)
    {
        var found = await CallRetry.RunAsync("read", "the audit", async _ => await caller.Connection.UseAsync(
            database => database.SortedSetRangeByScoreWithScoresAsync(key, double.NegativeInfinity, newest, Exclude.None, Order.Descending,
                skip, count), cancellationToken).ConfigureAwait(false), newDeadline(), cancellationToken).ConfigureAwait(false);
        return [.. found.Select(x => new AuditRecord(Time(x.Score), (byte[])x.Element!))];
    }

    /// <summary>A time that no script has written is replaced by the nearest one that can be told.</summary>
    static long Time(double score) =>
        double.IsNaN(score) ? 0 : (long)Math.Clamp(score, 0, (DateTimeOffset.MaxValue - MessageKey.Epoch).TotalMicroseconds - 1);
}
