using MassTransit.RedisTransport.Broker.Calls;
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
        CancellationToken cancellationToken)
    {
        var reply = await caller.RunWithRetryAsync(ScriptCatalog.Count, keys.All, [], deadline, cancellationToken).ConfigureAwait(false);
        var counts = (RedisResult[])reply.Result!;
        return new QueueCounts((long)counts[0], (long)counts[1], (long)counts[2], (long)counts[3], (int)counts[4] == 1,
            (long)counts[5], (long)counts[6], (long)counts[7], (long)counts[8], (long)counts[9], (long)counts[10]);
    }

    /// <summary>Reads the depth of a queue and the age of its oldest ready message in one attempt. It is as cheap as a count.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public static async Task<QueueMeasure> MeasureAsync(ScriptCaller caller, QueueKeys keys, CancellationToken cancellationToken)
    {
        var reply = (long[])(await caller.RunOnceAsync(ScriptCatalog.Measure, keys.All, [], cancellationToken).ConfigureAwait(false))!;
        return new QueueMeasure(reply[0], reply[1], reply[2], TimeSpan.FromMilliseconds(Math.Max(0, reply[3])));
    }
}
