using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

public interface IShopEvent
{
    int Number { get; }
}

public sealed record ShopOpened(int Number) : IShopEvent;

public sealed class TopologyTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    const string PingTopic = "MassTransit.RedisTransport.LifecycleTests.Support:Ping";
    const string ShopTopic = "MassTransit.RedisTransport.LifecycleTests.Endpoints:ShopOpened";

    [Fact]
    public async Task Deploy_topology_only_makes_queues_and_subscriptions_and_receives_nothing()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
        {
            cfg.DeployTopologyOnly = true;
            cfg.ReceiveEndpoint("deployed", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        Assert.True((await server.CountAsync("deployed")).Exists);
        Assert.Equal(["q:deployed"], await server.Engine.Topology.ReadAsync(PingTopic));
        await app.Bus.Publish(new Ping(1));
        await app.StopAsync();
        Assert.Equal(0, received.Count);
        Assert.Equal(1, (await server.CountAsync("deployed")).Ready);
    }

    [Fact]
    public async Task Deploy_publish_topology_links_published_types_before_anything_is_published()
    {
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
        {
            cfg.DeployPublishTopology = true;
            cfg.Publish<ShopOpened>(_ => { });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        Assert.Equal(["t:MassTransit.RedisTransport.LifecycleTests.Endpoints:IShopEvent"],
            await server.Engine.Topology.ReadAsync(ShopTopic));
    }

    [Fact]
    public async Task Purge_on_startup_deletes_what_waited_and_receives_what_comes()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("purge");
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
        {
            for (var i = 0; i < 5; i++)
                await sender.SendAsync("purged", new Ping(i));
            await sender.SendAsync("purged", new Ping(50), context => context.Delay = TimeSpan.FromHours(1));
        }

        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("purged", e =>
            {
                e.PurgeOnStartup = true;
                e.Handler<Ping>(context =>
                {
                    received.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await app.SendAsync("purged", new Ping(100));
        await received.WaitAsync(1);
        await server.EmptyAsync("purged");
        Assert.Equal([100], received.Items);
        Assert.True(app.Log.Contains("Purged 6 messages"));
    }

    [Fact]
    public async Task Without_consume_topology_published_messages_pass_the_queue_by()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("direct", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            });
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        Assert.Empty(await server.Engine.Topology.ReadAsync(PingTopic));
        await app.Bus.Publish(new Ping(1));
        await app.SendAsync("direct", new Ping(2));
        await received.WaitAsync(1);
        await server.EmptyAsync("direct");
        Assert.Equal([2], received.Items);
    }

    [Fact]
    public async Task Queue_receives_what_it_was_subscribed_to_by_name_and_by_type()
    {
        var received = new Inbox<string>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("subscribed", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.Subscribe("announcements");
            e.Subscribe<ShopOpened>();
            e.Handler<Notice>(context =>
            {
                received.Add(context.Message.Text);
                return Task.CompletedTask;
            });
            e.Handler<ShopOpened>(context =>
            {
                received.Add($"opened {context.Message.Number}");
                return Task.CompletedTask;
            });
        }));

        await (await app.Bus.GetSendEndpoint(new Uri("topic:announcements"))).Send(new Notice("by name"));
        await app.Bus.Publish(new ShopOpened(3));
        await app.Bus.Publish(new Notice("not subscribed"));
        await received.WaitAsync(2);
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await server.EmptyAsync("subscribed");
        Assert.Equal(["by name", "opened 3"], received.Items.Order());
    }

    [Fact]
    public async Task Interface_is_consumed_without_the_publisher_knowing_it()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("interface");
        await using var publisher = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix);
        // Published once before anyone listens: what a sender remembers must not hide a later subscriber.
        await publisher.Bus.Publish(new ShopOpened(1));
        await using var consumer = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("events", e => e.Handler<IShopEvent>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });

        await Eventually.TrueAsync(async () =>
        {
            await publisher.Bus.Publish(new ShopOpened(2));
            return received.Count > 0;
        }, TimeSpan.FromSeconds(10), "the late subscriber is found");
        Assert.All(received.Items, x => Assert.Equal(2, x));
    }
}
