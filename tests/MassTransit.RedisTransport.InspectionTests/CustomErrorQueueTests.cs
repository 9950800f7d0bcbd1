using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class Custom_error_queues_on_Redis(AnyRedis server) : CustomErrorQueueTests(server.Server), IClassFixture<AnyRedis>;

public sealed class Custom_error_queues_on_a_cluster(SharedCluster server)
    : CustomErrorQueueTests(server.Server), IClassFixture<SharedCluster>;

/// <summary>Error queues with names of their own: an operator sees them as the others.</summary>
public abstract class CustomErrorQueueTests(TestServer testServer)
{
    const string Graveyard = "graveyard";

    [SkippableFact]
    public async Task Shared_error_queue_is_shown_and_each_message_goes_back_to_where_it_came_from()
    {
        testServer.SkipIfUnavailable();
        var failing = true;
        var orders = new Inbox<int>();
        var bills = new Inbox<int>();
        await using var app = await StartAsync(cfg =>
        {
            cfg.SendTopology.ErrorQueueNameFormatter = new GraveyardName();
            cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(x => HandleAsync(orders, x.Message.Number)));
            cfg.ReceiveEndpoint("bills", e => e.Handler<Question>(x => HandleAsync(bills, x.Message.Number)));
        });
        var (queues, letters) = (app.Services.GetRequiredService<IRedisQueues>(), app.Services.GetRequiredService<IRedisDeadLetters>());
        for (var i = 0; i < 3; i++)
            await app.SendAsync("orders", new Ping(i));
        await app.SendAsync("bills", new Question(7), x => x.Headers.Set("MT-Dead-Letter-Source", "somewhere else"));
        await Eventually.TrueAsync(async () => (await queues.ListAsync()).FirstOrDefault(x => x.Name == Graveyard)?.Ready == 4,
            message: "all are dead");

        Assert.True((await queues.GetAsync(Graveyard)).IsDeadLetterQueue);
        Assert.Equal((4, 4), ((await queues.GetAsync("orders")).DeadLetters, (await queues.GetAsync("bills")).DeadLetters));
        Assert.Equal(0, (await queues.GetAsync(Graveyard)).DeadLetters);
        Assert.All(new[] { await queues.GetAsync("orders"), (await queues.ListAsync(["orders"]))[0],
            (await queues.ListAsync()).Single(x => x.Name == "orders") }, x => Assert.Equal([Graveyard], x.DeadLetterQueues));
        var dead = (await letters.ListAsync(Graveyard)).Entries;
        Assert.Equal(["bills", "orders", "orders", "orders"], dead.Select(x => x.OriginalQueue).Order(StringComparer.Ordinal));
        // By one who has seen none of the endpoints.
        await using var operation = await TestApp.StartAsync(testServer, x =>
        {
            x.Prefix = app.Prefix;
            x.Register = r => r.AddRedisQueues();
        });
        Volatile.Write(ref failing, false);
        Assert.Equal(4, await operation.Services.GetRequiredService<IRedisDeadLetters>().ReplayAllAsync(Graveyard));

        await orders.WaitAsync(3);
        await bills.WaitAsync(1);
        Assert.Equal([0, 1, 2], orders.Items.Order());
        Assert.Equal([7], bills.Items);
        Assert.Empty((await letters.ListAsync(Graveyard)).Entries);
        Assert.Equal(0, await letters.ReplayAllAsync(Graveyard));

        Task HandleAsync(Inbox<int> inbox, int number)
        {
            if (Volatile.Read(ref failing))
                throw new InvalidOperationException("refused");
            inbox.Add(number);
            return Task.CompletedTask;
        }
    }

    [SkippableFact]
    public async Task Where_a_message_came_from_is_said_by_the_mover_and_not_by_its_sender()
    {
        testServer.SkipIfUnavailable();
        await using var app = await StartAsync(cfg =>
            cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => throw new InvalidOperationException("refused"))));
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();

        await app.SendAsync("orders", new Ping(1), x => x.Headers.Set("MT-Dead-Letter-Source", "admin"));
        await Eventually.TrueAsync(async () => (await letters.ListAsync("orders_error")).Entries.Count == 1);

        Assert.Equal("orders", (await letters.ListAsync("orders_error")).Entries.Single().OriginalQueue);
    }

    [SkippableFact]
    public async Task Deleted_queue_is_not_brought_back_by_what_is_published()
    {
        testServer.SkipIfUnavailable();
        await using var app = await StartAsync(_ => { });
        var queues = app.Services.GetRequiredService<IRedisQueues>();
        await using (var receiver =
            await StartAsync(cfg => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask)), app.Prefix))
        {
            await app.Bus.Publish(new Ping(1));
            Assert.Equal(["orders"], await queues.ListSubscribersAsync<Ping>());
        }

        await queues.DeleteAsync("orders");
        await app.Bus.Publish(new Ping(2));

        Assert.Empty(await queues.ListSubscribersAsync<Ping>());
        Assert.DoesNotContain(await queues.ListAsync(), x => x.Name == "orders");
        await using var server = await ServerSide.ConnectAsync(testServer, app.Prefix);
        Assert.Empty(await server.Engine.Topology.ReadAsync("MassTransit.RedisTransport.LifecycleTests.Support:Ping"));
    }

    Task<TestApp> StartAsync(Action<IRedisBusFactoryConfigurator> configure, string? prefix = null) => TestApp.StartAsync(testServer, x =>
    {
        x.Prefix = prefix ?? x.Prefix;
        x.Register = r => r.AddRedisQueues();
        x.Bus = (_, cfg) => configure(cfg);
    });

    sealed class GraveyardName : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => Graveyard;
    }
}
