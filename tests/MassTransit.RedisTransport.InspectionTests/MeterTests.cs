using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class MetersOnRedis(AnyRedis server) : MeterTests(server), IClassFixture<AnyRedis>;

public sealed class MetersOnEmbedded(SharedEmbedded server) : MeterTests(server), IClassFixture<SharedEmbedded>;

public sealed class MetersOnCluster(SharedCluster server) : MeterTests(server), IClassFixture<SharedCluster>;

/// <summary>What a collector sees of the transport, on each kind of server.</summary>
public abstract class MeterTests(SharedServerFixture fixture)
{
    [SkippableFact]
    public async Task Depths_follow_the_queue()
    {
        fixture.Server.SkipIfUnavailable();
        var queue = TestNames.Unique("depth");
        var release = new Signal();
        using var readings = new Readings();
        await using var app = await StartAsync(queue, e =>
        {
            e.PrefetchCount = 2;
            e.ConcurrentMessageLimit = 2;
            e.Handler<Ping>(async context =>
            {
                if (context.Message.Number < 0)
                    throw new InvalidOperationException("card refused");
                await release.Task;
            });
        });
        await app.SendAsync(queue, new Ping(-1));
        await ReadsAsync(readings, "masstransit.redis.queue.dead_letters", $"queue={queue} kind=error", 1);
        for (var i = 0; i < 5; i++)
            await app.SendAsync(queue, new Ping(i));
        await app.SendAsync(queue, new Ping(9), x => x.Delay = TimeSpan.FromMinutes(10));

        await ReadsAsync(readings, "masstransit.redis.queue.depth", $"queue={queue} state=ready", 3);
        await ReadsAsync(readings, "masstransit.redis.queue.depth", $"queue={queue} state=leased", 2);
        await ReadsAsync(readings, "masstransit.redis.queue.depth", $"queue={queue} state=delayed", 1);
        await ReadsAsync(readings, "masstransit.redis.queue.dead_letters", $"queue={queue} kind=skipped", 0);
        await Eventually.TrueAsync(() => readings.Gauge("masstransit.redis.queue.oldest.age", $"queue={queue}") > 0.2,
            message: "the oldest message grows old");
        Assert.False(readings.Any("masstransit.redis.queue.depth", x => x.Contains("bus", StringComparison.Ordinal)),
            "Temporary queues are not shown.");

        release.Set();
        await ReadsAsync(readings, "masstransit.redis.queue.depth", $"queue={queue} state=ready", 0);
        await ReadsAsync(readings, "masstransit.redis.queue.oldest.age", $"queue={queue}", 0);
        await app.StopAsync();
        Assert.Null(readings.Gauge("masstransit.redis.queue.depth", $"queue={queue} state=ready"));
    }

    [SkippableFact]
    public async Task What_is_sent_delivered_and_settled_is_counted()
    {
        fixture.Server.SkipIfUnavailable();
        var queue = TestNames.Unique("counts");
        using var readings = new Readings();
        var seen = new Inbox<bool>();
        await using var app = await StartAsync(queue, e => e.Handler<Ping>(context =>
        {
            seen.Add(context.ReceiveContext.Redelivered);
            return Task.CompletedTask;
        }));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => app.SendAsync(queue, new Ping(i))));
        await seen.WaitAsync(20);

        await Eventually.EqualAsync(20, () => readings.Sum("masstransit.redis.group.size", $"queue={queue} operation=settle"),
            message: "settled in groups");
        Assert.Equal(20, readings.Sum("masstransit.redis.sent", $"queue={queue}"));
        Assert.Equal(20, readings.Sum("masstransit.redis.delivered", $"queue={queue}"));
        Assert.Equal(20, readings.Sum("masstransit.redis.group.size", $"queue={queue} operation=send"));
        Assert.Equal(20, readings.Sum("masstransit.redis.group.size", $"queue={queue} operation=lease"));
        Assert.Equal(0, readings.Sum("masstransit.redis.redelivered", $"queue={queue}"));
        Assert.True(readings.Sum("masstransit.redis.script.duration", "script=send outcome=ok") > 0);
        Assert.True(readings.Sum("masstransit.redis.script.duration", "script=lease outcome=ok") > 0);
    }

    [SkippableFact]
    public async Task A_lease_that_ends_early_is_counted_as_lost_reclaimed_and_redelivered()
    {
        fixture.Server.SkipIfUnavailable();
        var queue = TestNames.Unique("lost");
        var release = new Signal();
        using var readings = new Readings();
        await using var app = await StartAsync(queue, e =>
        {
            e.LeaseDuration = TimeSpan.FromSeconds(60);
            e.Handler<Ping>(async context =>
            {
                if (!context.ReceiveContext.Redelivered)
                    await release.Task;
            });
        });
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        var leased = server.Engine.Queue(queue).Keys.Leased;
        await app.SendAsync(queue, new Ping(1));
        await Eventually.EqualAsync(1, () => server.Database.SortedSetLengthAsync(leased), message: "leased");

        // The lease ends now, as that of a frozen process does.
        foreach (var member in await server.Database.SortedSetRangeByRankAsync(leased))
            await server.Database.SortedSetAddAsync(leased, member, 1);
        await Eventually.EqualAsync(1, () => readings.Sum("masstransit.redis.redelivered", $"queue={queue}"), message: "redelivered");
        Assert.Equal(1, readings.Sum("masstransit.redis.reclaimed", $"queue={queue}"));

        release.Set();
        await Eventually.EqualAsync(1, () => readings.Sum("masstransit.redis.leases.lost", $"queue={queue}"),
            message: "the late acknowledgement was refused");
    }

    [SkippableFact]
    public async Task The_oldest_message_is_found_behind_more_urgent_ones_and_in_a_queue_that_ages()
    {
        fixture.Server.SkipIfUnavailable();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, TestNames.Unique("oldest"));
        foreach (var aging in new TimeSpan?[] { null, TimeSpan.FromSeconds(1) })
        {
            var queue = server.Engine.Queue(TestNames.Unique("oldest"));
            await queue.DeclareAsync(new QueueSettings(aging));
            Assert.Equal((0, TimeSpan.Zero), ((await queue.MeasureAsync()).Ready, (await queue.MeasureAsync()).OldestAge));

            await SendAsync(queue, 0);
            var old = TimeSpan.FromMilliseconds(300);
            await Eventually.TrueAsync(async () => (await queue.MeasureAsync()).OldestAge >= old, message: "it grows old");
            foreach (var priority in new byte[] { 9, 9, 255, 3 })
                await SendAsync(queue, priority);

            var measure = await queue.MeasureAsync();
            Assert.Equal((5, true), (measure.Ready, measure.OldestAge >= old));
        }

        static Task SendAsync(MessageQueue queue, byte priority) =>
            queue.SendAsync(
                new OutgoingMessage(new MessageRecord { MessageId = Guid.NewGuid(), Body = new byte[] { 1 } }.Pack(), priority));
    }

    Task<TestApp> StartAsync(string queue, Action<IRedisReceiveEndpointConfigurator> endpoint) => TestApp.StartAsync(fixture.Server, x =>
    {
        x.Host = h => h.DepthInterval = TimeSpan.FromMilliseconds(100);
        x.Bus = (_, cfg) => cfg.ReceiveEndpoint(queue, endpoint);
    });

    static Task ReadsAsync(Readings readings, string instrument, string tags, double expected) =>
        Eventually.EqualAsync((double?)expected, () => readings.Gauge(instrument, tags), message: $"{instrument} {tags}");
}
