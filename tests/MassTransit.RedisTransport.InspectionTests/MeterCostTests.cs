using System.Diagnostics.Metrics;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Scripts;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.InspectionTests;

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>What the metrics cost, with no other test's listener attached.</summary>
[Collection(nameof(Alone))]
public sealed class MeterCostTests
{
    [SkippableFact]
    public async Task Redis_is_not_asked_for_depths_until_somebody_listens()
    {
        await using var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfUnavailable();
        var queue = TestNames.Unique("idle");
        await using var app = await TestApp.StartAsync(server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint(queue, e => e.Handler<Ping>(_ => Task.CompletedTask)));
        await using var connection = await server.ConnectAsync();

        await Eventually.TrueAsync(async () => await CommandCounts.SumAsync(connection, "evalsha") >= 4,
            message: "the endpoint has polled for some seconds");
        Assert.False(await IsKnownAsync(connection, ScriptCatalog.Count));

        using var readings = new Readings();
        await Eventually.EqualAsync(0, () => readings.Gauge("masstransit.redis.queue.depth", $"queue={queue} state=ready"),
            message: "the depth is read");
        Assert.True(await IsKnownAsync(connection, ScriptCatalog.Count));
    }

    [SkippableFact]
    public async Task A_depth_is_not_shown_while_redis_is_away()
    {
        await using var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfUnavailable();
        var queue = TestNames.Unique("away");
        using var readings = new Readings();
        await using var app = await TestApp.StartAsync(server, x =>
        {
            x.Host = h => h.DepthInterval = TimeSpan.FromMilliseconds(100);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint(queue, e => e.Handler<Ping>(_ => Task.CompletedTask));
        });
        string gauge = "masstransit.redis.queue.depth", tags = $"queue={queue} state=ready";
        await Eventually.EqualAsync(0, () => readings.Gauge(gauge, tags), message: "read");

        server.Suspend();
        await Eventually.TrueAsync(() => readings.Gauge(gauge, tags) is null, message: "the old depth is not shown");
        server.Resume();
        await Eventually.EqualAsync(0, () => readings.Gauge(gauge, tags), message: "read again");
    }

    [Fact]
    public void Nothing_is_allocated_for_counts()
    {
        Assert.False(TransportMeter.Sent.Enabled);
        var meter = QueueMeter.Of(TestNames.Unique("cheap"), 0);
        var result = new LeaseResult([default, default], 0, null, true, 1);
        Assert.Equal(0, Allocated(() => Count(meter, result)));

        using var listener = new MeterListener();
        var seen = 0L;
        listener.InstrumentPublished = (instrument, x) =>
        {
            if (instrument == TransportMeter.Sent || instrument == TransportMeter.GroupSize || instrument == TransportMeter.Delivered)
                x.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => seen += value);
        listener.Start();
        Assert.Equal(0, Allocated(() => Count(meter, result)));
        Assert.True(seen > 0);
    }

    [Fact]
    public void Above_a_number_queues_share_a_name()
    {
        using var readings = new Readings("masstransit.redis.leases.lost");
        var queue = TestNames.Unique("bounded");
        QueueMeter.Of(queue, TransportMeter.MaxQueues - 1).LeaseLost();
        QueueMeter.Of(queue + "-2", TransportMeter.MaxQueues).LeaseLost();
        var temporary = QueueMeter.Of(queue + "-3", 0);
        temporary.CountAsTemporary();
        temporary.LeaseLost();

        double[] sums = [.. new[] { queue, queue + "-2", queue + "-3", "other",
            "temporary" }.Select(x => readings.Sum("masstransit.redis.leases.lost", $"queue={x}"))];
        Assert.Equal([1, 0, 0, 1, 1], sums);
    }

    static void Count(QueueMeter meter, LeaseResult result)
    {
        meter.Sent(2);
        meter.Leased(result.MessageCount, result.Reclaimed, result.Redelivered);
        meter.Settled(2);
        meter.LeaseLost();
    }

    static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    static async Task<bool> IsKnownAsync(ConnectionMultiplexer connection, RedisScript script) =>
        (int)(await connection.GetServers()[0].ExecuteAsync("SCRIPT", "EXISTS", Convert.ToHexStringLower(script.Hash))) == 1;
}
