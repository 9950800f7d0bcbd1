using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

public sealed class LeaseRenewalTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(600);

    [Fact]
    public async Task Handler_longer_than_its_lease_gets_its_message_once()
    {
        var deliveries = new Inbox<(int Number, bool Redelivered)>();
        var release = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("slow", e =>
        {
            e.LeaseDuration = Lease;
            e.Handler<Ping>(async context =>
            {
                deliveries.Add((context.Message.Number, context.ReceiveContext.Redelivered));
                await release.Task;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("slow", new Ping(1));
        await deliveries.WaitAsync(1);
        // The lease end moves on, past several ends of the first lease: renewed, by the server's own account.
        var first = await LeaseEndAsync(server);
        await Eventually.TrueAsync(async () => await LeaseEndAsync(server) > first + 3 * Lease.TotalMilliseconds,
            message: "the lease is renewed");
        release.Set();
        await server.EmptyAsync("slow");

        Assert.Equal([(1, false)], deliveries.Items);
        Assert.Equal(0, (await server.CountAsync("slow")).Reclaimed);
    }

    [Fact]
    public async Task Many_held_messages_are_renewed_together_and_prefetched_ones_too()
    {
        const int messages = 40;
        var deliveries = new Inbox<int>();
        var release = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("held", e =>
        {
            e.LeaseDuration = Lease;
            e.PrefetchCount = messages;
            e.ConcurrentMessageLimit = 4;
            e.Handler<Ping>(async context =>
            {
                deliveries.Add(context.Message.Number);
                await release.Task;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await Task.WhenAll(Enumerable.Range(0, messages).Select(i => app.SendAsync("held", new Ping(i))));
        await Eventually.EqualAsync(messages, async () => (int)(await server.CountAsync("held")).Leased, message: "all are leased");
        var first = await LeaseEndAsync(server, "held");
        await Eventually.TrueAsync(async () => await LeaseEndAsync(server, "held") > first + 3 * Lease.TotalMilliseconds,
            message: "the earliest lease is renewed");
        release.Set();
        await server.EmptyAsync("held");

        Assert.Equal(Enumerable.Range(0, messages), deliveries.Items.Order());
        Assert.Equal(0, (await server.CountAsync("held")).Reclaimed);
    }

    /// <summary>The end of the lease that ends first.</summary>
    static async Task<double> LeaseEndAsync(ServerSide server, string queue = "slow")
    {
        var leases = await server.Database.SortedSetRangeByRankWithScoresAsync(server.Keys(queue).Leased, 0, 0);
        return leases.Length == 0 ? double.NaN : leases[0].Score;
    }
}
