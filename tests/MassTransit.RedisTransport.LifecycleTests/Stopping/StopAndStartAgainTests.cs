using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Stopping;

public sealed class StopAndStartAgainTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Bus_that_is_stopped_and_started_again_sends_and_receives()
    {
        var received = new Inbox<int>();
        await using var app =
            await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("again", e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        })));

        for (var round = 1; round <= 3; round++)
        {
            await app.Bus.Publish(new Ping(round * 10));
            await app.SendAsync("again", new Ping(round * 10 + 1));
            await received.WaitAsync(round * 2);
            await Eventually.CompletesAsync(app.Bus.StopAsync(), TimeSpan.FromSeconds(30), "the stop");
            await Eventually.CompletesAsync(app.Bus.StartAsync(), TimeSpan.FromSeconds(30), "the start");
        }

        await app.Bus.Publish(new Ping(40));
        await received.WaitAsync(7);
        Assert.Equal([10, 11, 20, 21, 30, 31, 40], received.Items.Order());
    }

    [SkippableFact]
    public async Task Stopped_bus_leaves_no_connection_behind()
    {
        var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using (own)
        {
            await using var app = await TestApp.StartAsync(own, x =>
            {
                x.Host = h => h.ConfigureConnection(o => o.ClientName = "leaky");
                x.Bus = (_, cfg) => cfg.ReceiveEndpoint("again", e => e.Handler<Ping>(_ => Task.CompletedTask));
            });
            await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
            await Eventually.TrueAsync(async () => await server.CountClientsAsync("leaky") > 0, message: "connected");
            var connections = await server.CountClientsAsync("leaky");

            for (var round = 0; round < 3; round++)
            {
                await app.Bus.StopAsync();
                await Eventually.EqualAsync(0, () => server.CountClientsAsync("leaky"), message: "connections of the stopped bus");
                await app.Bus.StartAsync();
                await app.SendAsync("again", new Ping(round));
            }

            await Eventually.EqualAsync(connections, () => server.CountClientsAsync("leaky"),
                message: "connections of the bus after restarts");
        }
    }

    [Fact]
    public async Task Messages_sent_while_the_consumer_bus_was_stopped_are_received_after_its_start()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("offline");
        await using var consumer = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("offline", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await using var publisher = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix);

        await consumer.Bus.StopAsync();
        await publisher.Bus.Publish(new Ping(1));
        Assert.Equal(0, received.Count);
        await consumer.Bus.StartAsync();
        await received.WaitAsync(1);
        Assert.Equal([1], received.Items);
    }
}
