using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Stopping;

public sealed class GracefulStopTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Stop_waits_for_running_handlers_and_acknowledges_them()
    {
        var started = new Inbox<int>();
        var finished = new Inbox<int>();
        var release = new Signal();
        var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("drain", e =>
        {
            e.PrefetchCount = 4;
            e.Handler<Ping>(async context =>
            {
                started.Add(context.Message.Number);
                await release.Task;
                finished.Add(context.Message.Number);
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await using (app)
        {
            for (var i = 0; i < 4; i++)
                await app.SendAsync("drain", new Ping(i));
            await started.WaitAsync(4);

            var stopping = app.StopAsync();
            Assert.False(stopping.IsCompleted);
            Assert.Equal(0, finished.Count);
            release.Set();
            await stopping;
        }

        Assert.Equal(4, finished.Count);
        var counts = await server.CountAsync("drain");
        Assert.Equal((0, 0, 0, 4), (counts.Ready, counts.Leased, counts.Records, counts.Completed));
    }

    [Fact]
    public async Task Prefetched_messages_go_back_at_once_with_no_delivery_counted_while_a_handler_still_runs()
    {
        const int messages = 10;
        var started = new Signal();
        var release = new Signal();
        var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("giveback", e =>
        {
            e.LeaseDuration = TimeSpan.FromMinutes(10);
            e.PrefetchCount = messages;
            e.ConcurrentMessageLimit = 1;
            e.Handler<Ping>(async _ =>
            {
                started.Set();
                await release.Task;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await using (app)
        {
            for (var i = 0; i < messages; i++)
                await app.SendAsync("giveback", new Ping(i));
            await started.WaitAsync("the first handler runs");
            await Eventually.TrueAsync(async () => (await server.CountAsync("giveback")).Leased == messages, message: "all are prefetched");

            var stopping = app.StopAsync();
            await Eventually.TrueAsync(async () => (await server.CountAsync("giveback")) is { Leased: 1, Ready: messages - 1 },
                message: "the others are given back");
            Assert.False(stopping.IsCompleted);
            release.Set();
            await stopping;
        }

        var waiting = await server.ReadAsync("giveback");
        Assert.Equal(messages - 1, waiting.Count);
        Assert.All(waiting, x => Assert.Equal(0, x.Message.DeliveryCount));
        Assert.Equal(1, (await server.CountAsync("giveback")).Completed);
    }

    [Fact]
    public async Task Given_back_messages_reach_another_bus_in_order_and_are_not_redelivered_ones()
    {
        const int messages = 10;
        var started = new Signal();
        var release = new Signal();
        var prefix = TestNames.Unique("handover");
        var first = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("handover", e =>
            {
                e.PrefetchCount = messages;
                e.ConcurrentMessageLimit = 1;
                e.Handler<Ping>(async _ =>
                {
                    started.Set();
                    await release.Task;
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await using (first)
        {
            for (var i = 0; i < messages; i++)
                await first.SendAsync("handover", new Ping(i));
            await Eventually.TrueAsync(async () => (await server.CountAsync("handover")).Leased == messages, message: "all are prefetched");
            await started.WaitAsync("the first handler runs");
            var stopping = first.StopAsync();
            await Eventually.TrueAsync(async () => (await server.CountAsync("handover")).Ready == messages - 1,
                message: "the others are given back");
            release.Set();
            await stopping;
        }

        var received = new Inbox<(int Number, bool Redelivered)>();
        await using var second = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("handover", e =>
            {
                e.ConcurrentMessageLimit = 1;
                e.Handler<Ping>(context =>
                {
                    received.Add((context.Message.Number, context.ReceiveContext.Redelivered));
                    return Task.CompletedTask;
                });
            });
        });
        await server.EmptyAsync("handover");
        Assert.Equal(Enumerable.Range(1, messages - 1).Select(x => (x, false)), received.Items);
    }

    [Fact]
    public async Task Consumer_stop_timeout_cancels_handlers_and_their_messages_go_back_uncounted()
    {
        var started = new Signal();
        var cancelled = new Signal();
        var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.HostOptions = o => o.ConsumerStopTimeout = TimeSpan.FromMilliseconds(300);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("patience", e =>
            {
                e.LeaseDuration = TimeSpan.FromMinutes(10);
                e.Handler<Ping>(async context =>
                {
                    started.Set();
                    try
                    {
                        await Task.Delay(Timeout.Infinite, context.CancellationToken);
                    }
                    finally
                    {
                        cancelled.Set();
                    }
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await using (app)
        {
            await app.SendAsync("patience", new Ping(1));
            await started.WaitAsync("the handler runs");
            await Eventually.CompletesAsync(app.StopAsync(), TimeSpan.FromSeconds(15), "the stop");
        }

        Assert.True(cancelled.IsSet);
        var (_, message) = Assert.Single(await server.ReadAsync("patience"));
        Assert.Equal(0, message.DeliveryCount);
        Assert.Equal(0, (await server.CountAsync("patience_error")).Ready);
    }

    [Fact]
    public async Task Stop_timeout_bounds_the_stop_where_a_handler_ignores_its_cancellation()
    {
        var started = new Signal();
        var release = new Signal();
        var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.HostOptions = o => o.StopTimeout = TimeSpan.FromSeconds(1);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("deaf", e =>
            {
                e.LeaseDuration = TimeSpan.FromSeconds(2);
                e.Handler<Ping>(async _ =>
                {
                    started.Set();
                    await release.Task;
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await using (app)
        {
            await app.SendAsync("deaf", new Ping(1));
            await started.WaitAsync("the handler runs");
            await Eventually.CompletesAsync(app.StopAsync(), TimeSpan.FromSeconds(15), "the stop");
        }

        // It was not acknowledged, nobody renews its lease any more, and so it comes again.
        Assert.Equal(1, (await server.CountAsync("deaf")).Records);
        var lane = server.Engine.Queue("deaf").CreateReader();
        await Eventually.TrueAsync(async () => (await lane.LeaseAsync(1, TimeSpan.FromMinutes(1))).Messages.Length == 1,
            message: "the message is there again");
        release.Set();
    }
}
