using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

public sealed class ReconnectionTests
{
    [SkippableFact]
    public async Task Receiver_declares_its_subscriptions_again_after_every_reconnection()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions());
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x => x.Bus = (_, cfg) => Receive(cfg, received));
        await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
        var subscribers = (await server.Engine.Topology.ListTopicsAsync()).Single(x => x.EndsWith("Ping", StringComparison.Ordinal));

        // A server that comes back with older data of the same epoch does not know them.
        await server.Database.KeyDeleteAsync(server.Layout.Topic(subscribers));
        Assert.Empty(await server.Engine.Topology.ReadAsync(subscribers));
        await server.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

        await Eventually.TrueAsync(async () => (await server.Engine.Topology.ReadAsync(subscribers)).Count == 1,
            message: "it is subscribed again");
    }

    [SkippableFact]
    public async Task Receiver_without_the_right_to_listen_looks_for_messages_and_says_so_once()
    {
        var options = new RedisServerOptions();
        options.Users.Add("alice on >secret ~* resetchannels +@all");
        await using var own = await OwnServer.StartAsync(options);
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.UseHost = cfg => cfg.Host($"{own.ConnectionString},user=alice,password=secret", h => h.KeyPrefix(x.Prefix));
            x.Bus = (_, cfg) => Receive(cfg, received);
        });
        for (var i = 0; i < 5; i++)
        {
            await app.Bus.Publish(new Ping(i));
            await received.WaitAsync(i + 1);
        }

        Assert.Equal([0, 1, 2, 3, 4], received.Items);
        Assert.Equal(BusHealthStatus.Healthy, app.Bus.CheckHealth().Status);
        Assert.Single(app.Log.Entries, x => x.Level == LogLevel.Warning && x.Text.Contains("looks for messages", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Endpoint_whose_receiving_is_interrupted_is_stopped_with_its_bus()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using var app = await TestApp.StartAsync(own, x => x.Bus = (_, cfg) => Receive(cfg, new Inbox<int>()));
        var interrupted = new Signal();
        app.Bus.ConnectReceiveEndpointObserver(new CompletedObserver(interrupted));

        own.Suspend();
        await interrupted.WaitAsync("the interruption");
        own.Resume();
        await app.StopAsync();

        // Left running it would go on asking, over a connection that is closed.
        Assert.True(app.Log.Contains("Stop receive transport") || app.Log.Contains("Consumer completed"), app.Log.Text);
    }

    [SkippableFact]
    public async Task Message_that_was_moved_is_not_called_lost_while_the_lost_reply_is_asked_for_again()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using var proxy = await FaultProxy.ListenAsync(own.ConnectionString);
        var begun = new Inbox<int>();
        var fail = new Signal();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.UseHost = cfg => cfg.Host(proxy.ConnectionString, h => h.KeyPrefix(x.Prefix));
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("moved", e =>
            {
                e.LeaseDuration = TimeSpan.FromMilliseconds(600);
                e.Handler<Ping>(async context =>
                {
                    begun.Add(context.Message.Number);
                    await fail.Task;
                    throw new InvalidOperationException("on purpose");
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
        await server.Connection.GetServers()[0].ScriptLoadAsync(Scripts.ScriptCatalog.Move.Text);
        await app.SendAsync("moved", new Ping(1));
        await begun.WaitAsync(1);

        var lost = proxy.DropReplies(Convert.ToHexStringLower(Scripts.ScriptCatalog.Move.Hash), thenCut: false);
        fail.Set();
        await Eventually.CompletesAsync(lost, message: "the reply is lost");
        // It has left the set of leases, and the receiver does not know yet.
        await Eventually.EqualAsync(1L, async () => (await server.CountAsync("moved_error")).Ready, message: "the message is moved");
        proxy.Pass();
        await server.EmptyAsync("moved");
        await Eventually.TrueAsync(() => app.Bus.CheckHealth().Status == BusHealthStatus.Healthy, TimeSpan.FromSeconds(40),
            "the bus is healthy");
        await app.StopAsync();

        Assert.False(app.Log.Contains("was lost", LogLevel.Warning), app.Log.Text);
        Assert.Equal(1, (await server.CountAsync("moved_error")).Ready);
        Assert.Equal(1, begun.Count);
    }

    static void Receive(IRedisBusFactoryConfigurator cfg, Inbox<int> received) =>
        cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(context =>
    {
        received.Add(context.Message.Number);
        return Task.CompletedTask;
    }));

    sealed class CompletedObserver(Signal completed) : IReceiveEndpointObserver
    {
        public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted endpoint)
        {
            if (endpoint.InputAddress.AbsolutePath.EndsWith("/work", StringComparison.Ordinal))
                completed.Set();
            return Task.CompletedTask;
        }

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }
}
