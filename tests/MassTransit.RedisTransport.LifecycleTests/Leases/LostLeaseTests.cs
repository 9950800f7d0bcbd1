using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

public sealed class LostLeaseTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Consumer_whose_lease_was_taken_is_cancelled_and_the_next_delivery_succeeds()
    {
        var deliveries = new Inbox<bool>();
        var cancelled = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("stolen", e =>
        {
            e.LeaseDuration = TimeSpan.FromSeconds(1);
            e.Handler<Ping>(async context =>
            {
                deliveries.Add(context.ReceiveContext.Redelivered);
                if (deliveries.Count > 1)
                    return;

                await using var registration = context.CancellationToken.Register(cancelled.Set);
                await cancelled.Task;
                context.CancellationToken.ThrowIfCancellationRequested();
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("stolen", new Ping(1));
        await deliveries.WaitAsync(1);
        await EndLeasesAsync(server, "stolen");
        await cancelled.WaitAsync("the first consumer is cancelled");
        await deliveries.WaitAsync(2);
        await server.EmptyAsync("stolen");

        Assert.Equal([false, true], deliveries.Items);
        Assert.Equal(0, (await server.CountAsync("stolen_error")).Ready);
    }

    [Fact]
    public async Task Late_acknowledgement_is_refused_and_leaves_the_other_owner_its_message()
    {
        var started = new Signal();
        var release = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("late", e =>
        {
            // Long: no renewal notices the loss before the consumer is done.
            e.LeaseDuration = TimeSpan.FromMinutes(10);
            e.Handler<Ping>(async context =>
            {
                started.Set();
                await release.Task;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("late", new Ping(1));
        await started.WaitAsync("the consumer has begun");
        var stolen = await StealAsync(server, "late");
        release.Set();
        await Eventually.TrueAsync(() => app.Log.Contains("was refused"), message: "the refusal is logged");

        var counts = await server.CountAsync("late");
        Assert.Equal((1, 1, 0), (counts.Leased, counts.Records, counts.Completed));
        Assert.Equal(stolen, (await server.Database.SortedSetRangeByRankAsync(server.Keys("late").Leased))[0]);
    }

    [Fact]
    public async Task Moving_to_the_error_queue_without_the_lease_is_refused_and_moves_nothing()
    {
        var started = new Signal();
        var release = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("late-fault", e =>
        {
            e.LeaseDuration = TimeSpan.FromMinutes(10);
            e.Handler<Ping>(async context =>
            {
                started.Set();
                await release.Task;
                throw new InvalidOperationException("too late");
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("late-fault", new Ping(1));
        await started.WaitAsync("the consumer has begun");
        await StealAsync(server, "late-fault");
        release.Set();
        await Eventually.TrueAsync(() => app.Log.Contains(nameof(LeaseLostException)), message: "the loss is logged");

        Assert.Equal(1, (await server.CountAsync("late-fault")).Leased);
        Assert.Equal(0, (await server.CountAsync("late-fault_error")).Ready);
    }

    [Fact]
    public async Task Consumer_that_ignores_its_cancellation_does_not_remove_the_running_redelivery()
    {
        var attempts = new Inbox<int>();
        var firstCancelled = new Signal();
        var releaseFirst = new Signal();
        var releaseSecond = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("deaf", e =>
        {
            e.LeaseDuration = TimeSpan.FromSeconds(1);
            e.Handler<Ping>(async context =>
            {
                attempts.Add(context.Message.Number);
                var isFirst = attempts.Count == 1;
                await using var registration = context.CancellationToken.Register(() => (isFirst ? firstCancelled : releaseSecond).Set());
                await (isFirst ? releaseFirst : releaseSecond).Task;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("deaf", new Ping(1));
        await attempts.WaitAsync(1);
        await EndLeasesAsync(server, "deaf");
        await attempts.WaitAsync(2);
        await firstCancelled.WaitAsync("the first is told");

        // The first comes to its end while the second works on the same message in the same process.
        releaseFirst.Set();
        await Eventually.TrueAsync(() => app.Log.Contains(nameof(LeaseLostException)), message: "the first is refused");
        Assert.Equal(1, (await server.CountAsync("deaf")).Leased);
        Assert.Equal(0, (await server.CountAsync("deaf")).Completed);

        releaseSecond.Set();
        await server.EmptyAsync("deaf");
        Assert.Equal(1, (await server.CountAsync("deaf")).Completed);
    }

    [Fact]
    public async Task Message_that_lost_its_lease_again_and_again_is_delivered_each_time_in_the_same_process()
    {
        const int losses = 4;
        var attempts = new Inbox<bool>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("again", e =>
        {
            e.LeaseDuration = TimeSpan.FromMilliseconds(500);
            e.Handler<Ping>(async context =>
            {
                attempts.Add(context.ReceiveContext.Redelivered);
                if (attempts.Count <= losses)
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("again", new Ping(1));
        for (var loss = 1; loss <= losses; loss++)
        {
            await attempts.WaitAsync(loss);
            await EndLeasesAsync(server, "again");
        }

        await attempts.WaitAsync(losses + 1);
        await server.EmptyAsync("again");
        Assert.Equal([false, true, true, true, true], attempts.Items);
    }

    /// <summary>What happens to the leases of a process that was frozen: they have ended, for whoever looks first.</summary>
    static async Task EndLeasesAsync(ServerSide server, string queue)
    {
        var key = server.Keys(queue).Leased;
        RedisValue[] members = [];
        await Eventually.TrueAsync(async () => (members = await server.Database.SortedSetRangeByRankAsync(key)).Length > 0,
            message: "a lease");
        foreach (var member in members)
            await server.Database.SortedSetAddAsync(key, member, 1);
        // Another receiver looks, takes back what has ended and gives it to the next one who asks.
        var lane = server.Engine.Queue(queue).CreateReader();
        var taken = await lane.LeaseAsync(10, TimeSpan.FromMinutes(1));
        await server.Engine.Queue(queue).ReleaseAsync([.. taken.Messages.Select(x => x.Lease)], TimeSpan.Zero, failedDelivery: false);
    }

    /// <summary>Another receiver holds the message now, for long.</summary>
    static async Task<RedisValue> StealAsync(ServerSide server, string queue)
    {
        var key = server.Keys(queue).Leased;
        var member = (await server.Database.SortedSetRangeByRankAsync(key)).Single();
        await server.Database.SortedSetAddAsync(key, member, 1);
        var taken = await server.Engine.Queue(queue).CreateReader().LeaseAsync(1, TimeSpan.FromMinutes(30));
        return taken.Messages.Single().Lease.Member;
    }
}
