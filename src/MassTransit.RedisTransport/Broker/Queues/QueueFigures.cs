using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>Reads the figures of a queue by its keys, so that an operator's list needs no queue objects.</summary>
internal static class QueueFigures
{
    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time.</exception>
    public static async Task<QueueCounts> CountAsync(ScriptCaller caller, QueueKeys keys, Deadline deadline,
        CancellationToken cancellationToken) =>
        Read((await caller.RunWithRetryAsync(ScriptCatalog.Count, keys.Counted, [Silence], deadline, cancellationToken)
            .ConfigureAwait(false)).Result);

    /// <summary>Reads the depth of a queue and the age of its oldest ready message in one attempt.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public static async Task<QueueMeasure> MeasureAsync(ScriptCaller caller, QueueKeys keys, CancellationToken cancellationToken)
    {
        var counts = Read(await caller.RunOnceAsync(ScriptCatalog.Count, keys.Counted, [Silence], cancellationToken).ConfigureAwait(false));
        return new QueueMeasure(counts.Ready, counts.Delayed, counts.Leased, counts.OldestAge)
        {
            IsPaused = counts.IsPaused,
            Limit = counts.Limit,
        };
    }

    static long Silence => (long)ReceiverBook.DeadAfter.TotalMilliseconds;

    static QueueCounts Read(RedisResult reply)
    {
        var counts = (long[])reply!;
        return new QueueCounts(counts[0], counts[1], counts[2], counts[3], counts[4] == 1, counts[5], counts[6], counts[7], counts[8],
            counts[9], counts[10])
        {
            OldestAge = TimeSpan.FromMilliseconds(Math.Max(0, counts[11])),
            Receivers = (int)Math.Min(int.MaxValue, counts[12]),
            ServerTime = MessageKey.TimeOf(counts[13]),
            IsPaused = counts[14] == 1,
            Limit = counts[15] is > 0 and var limit ? (int)limit : null,
            ControlVersion = counts[16],
        };
    }
}
