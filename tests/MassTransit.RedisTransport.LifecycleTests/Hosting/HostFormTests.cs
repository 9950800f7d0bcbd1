using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

/// <summary>Every way to say where Redis is: a bus configured by it sends to itself.</summary>
public sealed class HostFormTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    string Server => redis.Server.ConnectionString.Split(',')[0];

    [Fact]
    public async Task Host_by_uri_text_with_database_and_prefix()
    {
        var prefix = TestNames.Unique("uri");
        await WorksAsync(cfg => cfg.Host($"redis://{Server}/5/{prefix}"), prefix, database: 5);
    }

    [Fact]
    public async Task Host_by_uri_with_settings()
    {
        var prefix = TestNames.Unique("uri");
        await WorksAsync(cfg => cfg.Host(new Uri($"redis://{Server}"), h => h.KeyPrefix(prefix)), prefix, database: 0);
    }

    [Fact]
    public async Task Host_by_connection_string()
    {
        var prefix = TestNames.Unique("string");
        await WorksAsync(cfg => cfg.Host($"{Server},defaultDatabase=4,connectTimeout=4000", h => h.KeyPrefix(prefix)), prefix, database: 4);
    }

    [Fact]
    public async Task Host_by_client_options_leaves_the_callers_options_alone()
    {
        var prefix = TestNames.Unique("options");
        var options = redis.Server.ConfigurationOptions;
        options.DefaultDatabase = 2;
        await WorksAsync(cfg => cfg.Host(options, h =>
        {
            h.KeyPrefix(prefix);
            h.ConfigureConnection(o => o.ClientName = "changed by the bus");
        }), prefix, database: 2);
        Assert.Null(options.ClientName);
    }

    [Fact]
    public async Task Host_by_an_open_connection_is_not_closed_by_the_bus()
    {
        var prefix = TestNames.Unique("open");
        await using var connection = await redis.Server.ConnectAsync();
        await WorksAsync(cfg => cfg.Host(connection, h => h.KeyPrefix(prefix)), prefix, database: 0);
        Assert.True(connection.IsConnected);
        Assert.True((await connection.GetDatabase().PingAsync()) > TimeSpan.Zero);
    }

    [Fact]
    public async Task Host_by_transport_options()
    {
        var prefix = TestNames.Unique("ioptions");
        var address = Server.Split(':');
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.UseHost = _ => { };
            x.Services = s => s.AddOptions<RedisTransportOptions>().Configure(o =>
            {
                o.Host = address[0];
                o.Port = int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture);
                o.Database = 6;
                o.KeyPrefix = prefix;
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix, database: 6);
        await app.SendAsync("forms", new Ping(1));
        Assert.Equal(1, (await server.CountAsync("forms")).Ready);
    }

    [SkippableFact]
    public async Task Channel_prefix_of_the_clients_options_does_not_cut_receivers_off_their_wake_up()
    {
        Skip.If(redis.Server is EmbeddedServer, "the embedded server does not list channels");
        var options = redis.Server.ConfigurationOptions;
        options.ChannelPrefix = StackExchange.Redis.RedisChannel.Literal("elsewhere:");
        var prefix = TestNames.Unique("channel");
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.UseHost = cfg => cfg.Host(options, h => h.KeyPrefix(prefix));
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("woken", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        // The script that publishes the wake-up knows nothing of a client's prefix.
        var subscribers = (StackExchange.Redis.RedisValue[])(await server.Database.ExecuteAsync("PUBSUB", "NUMSUB",
            server.Keys("woken").WakeChannelName))!;
        Assert.Equal(1, (int)subscribers[1]);
    }

    [Fact]
    public async Task Given_connection_with_a_channel_prefix_is_refused_with_the_cure()
    {
        var options = redis.Server.ConfigurationOptions;
        options.ChannelPrefix = StackExchange.Redis.RedisChannel.Literal("elsewhere:");
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(options);

        var refusal = Assert.Throws<ConfigurationException>(() => Bus.Factory.CreateUsingRedis(cfg => cfg.Host(connection)));

        Assert.Contains("ChannelPrefix 'elsewhere:'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("connect without one", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bus_without_a_container_sends_and_receives()
    {
        var received = new Inbox<int>();
        var bus = Bus.Factory.CreateUsingRedis(cfg =>
        {
            cfg.Host($"redis://{Server}/0/{TestNames.Unique("factory")}");
            cfg.ReceiveEndpoint("plain", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await Eventually.CompletesAsync(bus.StartAsync(), message: "the start");
        await bus.Publish(new Ping(1));
        await received.WaitAsync(1);
        await Eventually.CompletesAsync(bus.StopAsync(), message: "the stop");
    }

    [Fact]
    public async Task Same_names_in_another_database_or_under_another_prefix_are_other_queues()
    {
        var prefix = TestNames.Unique("side");
        var inboxes = new[] { new Inbox<int>(), new Inbox<int>(), new Inbox<int>() };
        var apps = new List<TestApp>();
        foreach (var (database, name, inbox) in new[] { (0, prefix, inboxes[0]), (5, prefix, inboxes[1]), (5, prefix + "x", inboxes[2]) })
        {
            apps.Add(await TestApp.StartAsync(redis.Server, x =>
            {
                x.UseHost = cfg => cfg.Host($"redis://{Server}/{database}/{name}");
                x.Bus = (_, cfg) => cfg.ReceiveEndpoint("isolated", e => e.Handler<Ping>(context =>
                {
                    inbox.Add(context.Message.Number);
                    return Task.CompletedTask;
                }));
            }));
        }

        for (var i = 0; i < apps.Count; i++)
        {
            await apps[i].Bus.Publish(new Ping(i));
            await apps[i].SendAsync("isolated", new Ping(i + 10));
        }

        for (var i = 0; i < apps.Count; i++)
            await inboxes[i].WaitAsync(2);
        foreach (var app in apps)
            await app.DisposeAsync();
        for (var i = 0; i < apps.Count; i++)
            Assert.Equal([i, i + 10], inboxes[i].Items.Order());
    }

    [Fact]
    public async Task Address_of_another_database_is_refused_with_the_cure()
    {
        await using var app = await TestApp.StartAsync(redis.Server, _ => { });
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => app.Bus.GetSendEndpoint(new Uri($"redis://{Server}/9/other")));
        Assert.Contains("MultiBus", refused.ToString(), StringComparison.Ordinal);
    }

    async Task WorksAsync(Action<IRedisBusFactoryConfigurator> host, string prefix, int database)
    {
        var received = new Inbox<int>();
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix, database);
        await using (var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.UseHost = host;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("forms", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        }))
        {
            await app.Bus.Publish(new Ping(1));
            await received.WaitAsync(1);
            await server.EmptyAsync("forms");
        }

        Assert.Equal(1, (await server.CountAsync("forms")).Completed);
    }
}
