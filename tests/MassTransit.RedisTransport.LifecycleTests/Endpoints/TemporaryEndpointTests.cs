using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

/// <summary>Queues that delete themselves: they stay while their process lives, and go when it does, however it does.</summary>
public sealed class TemporaryEndpointTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Auto_delete_queue_stays_while_its_endpoint_lives()
    {
        var received = new Inbox<int>();
        await using var app = await StartAsync(TestNames.Unique("alive"), "auto", received);
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        // Its time to live falls and is raised again, three times.
        var raises = 0;
        var last = TimeSpan.Zero;
        await Eventually.TrueAsync(async () =>
        {
            var ttl = await server.Database.KeyTimeToLiveAsync(server.Keys("auto").Meta) ?? TimeSpan.Zero;
            if (ttl > last)
                raises++;
            last = ttl;
            return raises >= 4;
        }, message: "the queue is kept alive");

        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
    }

    [Fact]
    public async Task Auto_delete_queue_disappears_with_its_messages_and_subscription_when_its_process_is_gone()
    {
        var prefix = TestNames.Unique("orphan");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        const string topic = "MassTransit.RedisTransport.LifecycleTests.Support:Ping";
        // What a process that was killed leaves behind: a declared queue, a subscription, messages, a lease.
        await server.Engine.Queue("orphan").DeclareAsync(new QueueSettings(AutoDeleteOnIdle: Idle));
        await server.Engine.Topology.SubscribeAsync(topic, "orphan", temporary: true);
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix);
        await app.Bus.Publish(new Ping(1));
        await app.Bus.Publish(new Ping(2));
        await server.Engine.Queue("orphan").CreateReader().LeaseAsync(1, TimeSpan.FromMinutes(5));
        Assert.Equal(2, (await server.CountAsync("orphan")).Records);

        await Eventually.EqualAsync(0, async () => (await server.AllKeysAsync()).Count(x => server.Keys("orphan").All.Contains(x)),
            message: "keys of the queue");
        Assert.Single(await server.Engine.Topology.ReadAsync(topic));
        // The next publish notices, and takes back what the process could not.
        await app.Bus.Publish(new Ping(3));
        Assert.Empty(await server.Engine.Topology.ReadAsync(topic));
        Assert.Equal(0, (await server.CountAsync("orphan")).Records);
    }

    [Fact]
    public async Task Temporary_endpoint_definition_makes_a_queue_that_deletes_itself()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, _ => { });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        var handle = app.Bus.ConnectReceiveEndpoint(new TemporaryEndpointDefinition("scratch"), DefaultEndpointNameFormatter.Instance,
            e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }));
        await Eventually.CompletesAsync(handle.Ready, message: "the endpoint is ready");
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);

        var metas = (await server.AllKeysAsync())
            .Where(x => x.EndsWith(":meta", StringComparison.Ordinal) && x.Contains("scratch", StringComparison.Ordinal)).ToArray();
        Assert.NotNull(await server.Database.KeyTimeToLiveAsync(Assert.Single(metas)));
        await handle.StopAsync();
    }

    [Fact]
    public async Task Instance_endpoints_each_get_every_published_message()
    {
        var first = new Inbox<int>();
        var second = new Inbox<int>();
        var prefix = TestNames.Unique("instance");
        await using var one = await StartInstanceAsync(prefix, "a", first);
        await using var two = await StartInstanceAsync(prefix, "b", second);

        await one.Bus.Publish(new Ping(1));
        await two.Bus.Publish(new Ping(2));
        await first.WaitAsync(2);
        await second.WaitAsync(2);
        Assert.Equal([1, 2], first.Items.Order());
        Assert.Equal([1, 2], second.Items.Order());
    }

    [Fact]
    public async Task Auto_delete_queue_whose_keys_were_deleted_is_made_again_with_its_subscription()
    {
        var received = new Inbox<int>();
        await using var app = await StartAsync(TestNames.Unique("again"), "auto", received);
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await server.Database.KeyDeleteAsync(server.Keys("auto").All);
        await Eventually.TrueAsync(async () => (await server.CountAsync("auto")).Exists, message: "the queue is there again");
        await app.Bus.Publish(new Ping(5));
        await received.WaitAsync(1);
    }

    [Fact]
    public async Task Response_queue_is_made_with_the_first_request_and_deletes_itself()
    {
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
            cfg.ReceiveEndpoint("answers", e => e.Handler<Ping>(context => context.RespondAsync(new Pong(context.Message.Number + 1)))));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        Assert.DoesNotContain(await server.AllKeysAsync(), x => x.Contains("_bus_", StringComparison.Ordinal));

        var answer = await app.Bus.Request<Ping, Pong>(new Ping(1));
        Assert.Equal(2, answer.Message.Number);

        var keys = (await server.AllKeysAsync()).Where(x => x.Contains("_bus_", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(keys);
        foreach (var key in keys)
        {
            // What the response was leased by may have gone with its acknowledgement, since the keys were listed.
            await Eventually.TrueAsync(async () => await server.Database.KeyTimeToLiveAsync(key) is not null
                || !await server.Database.KeyExistsAsync(key),
                message: $"{key} to delete itself");
        }

        Assert.DoesNotContain(await server.Engine.ListQueuesAsync(), x => x.Contains("_bus_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Response_to_a_process_that_is_gone_makes_no_queue()
    {
        var responded = new Signal();
        await using var app = await TestApp.StartAsync(redis.Server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("answers", e => e.Handler<Ping>(async context =>
        {
            await context.RespondAsync(new Pong(context.Message.Number));
            responded.Set();
        })));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        var gone = new Uri(app.Bus.Address, $"gone_bus_{NewId.NextGuid():N}?temporary=true");
        await app.SendAsync("answers", new Ping(1), context => context.ResponseAddress = gone);
        await responded.WaitAsync("the response was sent");
        await server.EmptyAsync("answers");
        Assert.DoesNotContain(await server.AllKeysAsync(), x => x.Contains("gone_bus", StringComparison.Ordinal));
    }

    Task<TestApp> StartAsync(string prefix, string queue, Inbox<int> received) => TestApp.StartAsync(redis.Server, x =>
    {
        x.Prefix = prefix;
        x.Bus = (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.AutoDeleteOnIdle = Idle;
            e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            });
        });
    });

    Task<TestApp> StartInstanceAsync(string prefix, string instance, Inbox<int> received) => TestApp.StartAsync(redis.Server, x =>
    {
        x.Prefix = prefix;
        x.Services = s => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(s, received);
        x.Register = r => r.AddConsumer<InstanceConsumer>().Endpoint(e =>
        {
            e.InstanceId = instance;
            e.Temporary = true;
        });
        x.Bus = (context, cfg) => cfg.ConfigureEndpoints(context);
    });

    sealed class InstanceConsumer(Inbox<int> received) : IConsumer<Ping>
    {
        public Task Consume(ConsumeContext<Ping> context)
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }
    }
}
