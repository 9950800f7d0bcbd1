using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Loss;

/// <summary>Somebody runs FLUSHALL on the wrong server. What was there is gone; what comes after must flow without a restart.</summary>
public sealed class FlushAllTests
{
    const string Topic = "MassTransit.RedisTransport.LifecycleTests.Support:Ping";

    [Fact]
    public async Task Queue_and_subscription_are_made_again_and_publishes_arrive_from_every_bus()
    {
        await using var own = await OwnServer.StartAsync();
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("flush");
        await using var consumer = await StartConsumerAsync(own, prefix, received);
        await using var publisher = await TestApp.StartAsync(own, x => x.Prefix = prefix);
        await using var server = await ServerSide.ConnectAsync(own, prefix);
        await consumer.Bus.Publish(new Ping(1));
        await publisher.Bus.Publish(new Ping(2));
        await received.WaitAsync(2);

        await server.Database.ExecuteAsync("FLUSHALL");
        // At once, by senders that know the topic from before: none of these may vanish.
        await consumer.Bus.Publish(new Ping(3));
        await publisher.Bus.Publish(new Ping(4));
        await received.WaitAsync(4);

        await Eventually.TrueAsync(async () => (await server.Engine.Topology.ReadAsync(Topic)).SequenceEqual(["q:flushed"]),
            message: "the subscription is there again");
        await Eventually.TrueAsync(async () => (await server.Engine.ListQueuesAsync()).Contains("flushed"),
            message: "the queue is listed again");
        // A bus that knows nothing from before.
        await using var newcomer = await TestApp.StartAsync(own, x => x.Prefix = prefix);
        await newcomer.Bus.Publish(new Ping(5));
        await received.WaitAsync(5);
        await server.EmptyAsync("flushed");
        Assert.Equal([1, 2, 3, 4, 5], received.Items.Order());
    }

    [Fact]
    public async Task Consumer_at_work_is_cancelled_and_its_endpoint_goes_on()
    {
        await using var own = await OwnServer.StartAsync();
        var received = new Inbox<int>();
        var started = new Signal();
        var cancelled = new Signal();
        await using var app = await TestApp.StartAsync(own, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("flushed", e =>
        {
            e.LeaseDuration = TimeSpan.FromSeconds(1);
            e.PrefetchCount = 2;
            e.ConcurrentMessageLimit = 1;
            e.Handler<Ping>(async context =>
            {
                received.Add(context.Message.Number);
                if (context.Message.Number > 1)
                    return;

                started.Set();
                await using var registration = context.CancellationToken.Register(cancelled.Set);
                await cancelled.Task;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
        await app.SendAsync("flushed", new Ping(1));
        await started.WaitAsync("the handler runs");

        await server.Database.ExecuteAsync("FLUSHALL");
        await cancelled.WaitAsync("the consumer is told");
        for (var i = 2; i <= 5; i++)
            await app.SendAsync("flushed", new Ping(i));
        await received.WaitAsync(5);
        await server.EmptyAsync("flushed");
        Assert.Equal([1, 2, 3, 4, 5], received.Items);
        Assert.Equal(BusHealthStatus.Healthy, app.Bus.CheckHealth().Status);
    }

    [Fact]
    public async Task Temporary_endpoint_and_response_queue_come_back_too()
    {
        await using var own = await OwnServer.StartAsync();
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x => x.Bus = (_, cfg) =>
        {
            cfg.ReceiveEndpoint("temporary", e =>
            {
                e.AutoDeleteOnIdle = TimeSpan.FromSeconds(30);
                e.Handler<Notice>(context =>
                {
                    received.Add(context.Message.Text.Length);
                    return Task.CompletedTask;
                });
            });
            cfg.ReceiveEndpoint("answers", e => e.Handler<Question>(context => context.RespondAsync(new Pong(context.Message.Number))));
        });
        await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
        Assert.Equal(1, (await app.Bus.Request<Question, Pong>(new Question(1))).Message.Number);

        await server.Database.ExecuteAsync("FLUSHALL");
        await Eventually.TrueAsync(async () => (await server.CountAsync("temporary")).Exists,
            message: "the temporary queue is there again");
        await Eventually.TrueAsync(async () => (await server.AllKeysAsync())
            .Any(x => x.Contains("_bus_", StringComparison.Ordinal) && x.EndsWith(":meta", StringComparison.Ordinal)),
            message: "the response queue is there again");
        await app.Bus.Publish(new Notice("four"));
        await received.WaitAsync(1);
        Assert.Equal(2, (await app.Bus.Request<Question, Pong>(new Question(2))).Message.Number);
    }

    [Fact]
    public async Task Scripts_that_were_flushed_are_loaded_again()
    {
        await using var own = await OwnServer.StartAsync();
        var received = new Inbox<int>();
        await using var app = await StartConsumerAsync(own, TestNames.Unique("scripts"), received);
        await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
        await server.Database.ExecuteAsync("SCRIPT", "FLUSH");
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
        await server.EmptyAsync("flushed");
        Assert.Equal([1], received.Items);
    }

    static Task<TestApp> StartConsumerAsync(TestServer own, string prefix, Inbox<int> received) => TestApp.StartAsync(own, x =>
    {
        x.Prefix = prefix;
        x.Bus = (_, cfg) => cfg.ReceiveEndpoint("flushed", e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }));
    });
}
