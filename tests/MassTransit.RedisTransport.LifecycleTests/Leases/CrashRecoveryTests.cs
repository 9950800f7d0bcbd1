using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

/// <summary>A process that ends without a word leaves leases behind; here they are a engine's own, which never settles them.</summary>
public sealed class CrashRecoveryTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly TimeSpan ShortLease = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Messages_of_a_crashed_receiver_come_back_in_their_order_with_their_priority_and_as_redelivered()
    {
        var prefix = TestNames.Unique("crash");
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
        {
            foreach (var (number, priority) in new[] { (1, 0), (2, 0), (3, 9), (4, 5), (5, 9) })
                await sender.SendAsync("work", new Ping(number), context => context.SetPriority((byte)priority));
        }

        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await CrashWithAsync(server, "work", messages: 4);
        Assert.Equal(4, (await server.CountAsync("work")).Leased);

        var received = new Inbox<(int Number, byte? Priority, bool Redelivered)>();
        await Eventually.TrueAsync(async () => await LeasesEndedAsync(server, "work"), message: "the leases have ended");
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e =>
            {
                e.ConcurrentMessageLimit = 1;
                e.Handler<Ping>(context =>
                {
                    received.Add((context.Message.Number, context.GetPriority(), context.ReceiveContext.Redelivered));
                    return Task.CompletedTask;
                });
            });
        });
        await server.EmptyAsync("work");

        // The last was not held by the crashed one, and is told from the others by its count.
        Assert.Equal([(3, 9, true), (5, 9, true), (4, 5, true), (1, 0, true), (2, 0, false)],
            received.Items.Select(x => (x.Number, (int)x.Priority!, x.Redelivered)));
        Assert.Equal(4, (await server.CountAsync("work")).Reclaimed);
    }

    [Fact]
    public async Task Running_endpoint_takes_over_when_the_lease_of_the_crashed_one_ends()
    {
        var received = new Inbox<(int Number, bool Redelivered)>();
        var prefix = TestNames.Unique("takeover");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
            await sender.SendAsync("work", new Ping(1));
        await CrashWithAsync(server, "work", messages: 1, TimeSpan.FromSeconds(2));

        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(context =>
            {
                received.Add((context.Message.Number, context.ReceiveContext.Redelivered));
                return Task.CompletedTask;
            }));
        });
        await received.WaitAsync(1);
        await server.EmptyAsync("work");

        Assert.Equal([(1, true)], received.Items);
        Assert.True(app.Log.Contains("taken back from leases"));
    }

    [Fact]
    public async Task Message_that_kills_its_consumers_goes_to_the_error_queue_without_being_run_again()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("killer");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
        {
            await sender.SendAsync("work", new Ping(666), context => context.SetPriority((byte)200));
            await sender.SendAsync("work", new Ping(1));
            await sender.SendAsync("work", new Ping(2));
        }

        for (var crash = 1; crash <= 3; crash++)
        {
            await CrashWithAsync(server, "work", messages: 1);
            await Eventually.TrueAsync(async () => await LeasesEndedAsync(server, "work"), message: "the lease has ended");
        }

        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e =>
            {
                e.MaxDeliveryCount = 3;
                e.Handler<Ping>(context =>
                {
                    received.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            });
        });
        await received.WaitAsync(2);
        await server.EmptyAsync("work");

        Assert.Equal([1, 2], received.Items.Order());
        var (record, message) = Assert.Single(await server.ReadAsync("work_error"));
        Assert.Contains(record.Headers, x => x.Key == "MT-Reason" && "max-delivery-count".Equals(x.Value));
        Assert.Contains(record.Headers, x => x.Key == "MT-Fault-Message" && x.Value.ToString()!.Contains('3', StringComparison.Ordinal));
        Assert.Equal("c8", message.Key[..2]);
        Assert.Contains("666", System.Text.Encoding.UTF8.GetString(record.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_delivered_once_less_than_the_limit_is_run_again()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("limit");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
            await sender.SendAsync("work", new Ping(7));
        for (var crash = 1; crash <= 2; crash++)
        {
            await CrashWithAsync(server, "work", messages: 1);
            await Eventually.TrueAsync(async () => await LeasesEndedAsync(server, "work"), message: "the lease has ended");
        }

        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e =>
            {
                e.MaxDeliveryCount = 3;
                e.Handler<Ping>(context =>
                {
                    received.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            });
        });
        await received.WaitAsync(1);
        await server.EmptyAsync("work");
        Assert.Equal(0, (await server.CountAsync("work_error")).Ready);
    }

    /// <summary>Leases from a connection that is then torn down, without settling or releasing.</summary>
    static async Task CrashWithAsync(ServerSide server, string queue, int messages, TimeSpan? lease = null)
    {
        var result = await server.Engine.Queue(queue).CreateReader().LeaseAsync(messages, lease ?? ShortLease);
        Assert.Equal(messages, result.Messages.Length);
    }

    /// <summary>By the server's clock: a receiver's next look takes the messages back.</summary>
    static async Task<bool> LeasesEndedAsync(ServerSide server, string queue)
    {
        var leases = await server.Database.SortedSetRangeByRankWithScoresAsync(server.Keys(queue).Leased);
        var time = (StackExchange.Redis.RedisValue[])(await server.Database.ExecuteAsync("TIME"))!;
        var now = ((long)time[0] - MessageKey.Epoch.ToUnixTimeSeconds()) * 1000 + (long)time[1] / 1000;
        return leases.All(x => x.Score < now);
    }
}
