using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

/// <summary>Who receives from a queue, as an operator sees it.</summary>
public sealed class ReceiverRegistryTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task An_endpoint_is_listed_while_it_runs_and_gone_after_its_stop()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync(e =>
        {
            e.PrefetchCount = 7;
            e.ConcurrentMessageLimit = 3;
            e.Handler<Ping>(_ => Task.CompletedTask);
        });
        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        await Eventually.TrueAsync(async () => (await administration.Queues.ListReceiversAsync("orders")).Count == 1);

        var receiver = Assert.Single(await administration.Queues.ListReceiversAsync());
        Assert.Equal(("orders", true, Environment.MachineName, Environment.ProcessId, 1),
            (receiver.Queue, receiver.IsAlive, receiver.Host, receiver.ProcessId, receiver.Protocol));
        Assert.Equal((7, 3, 3, null), (receiver.Prefetch, receiver.WorkerLimit, receiver.ConfiguredWorkers, receiver.WaitingBatches));
        Assert.Matches(@"^\d+\.\d+\.\d+$", receiver.Version);
        Assert.InRange(receiver.LastBeat - receiver.StartedAt, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.NotEqual("", receiver.ProcessName);

        await app.StopAsync();
        Assert.Empty(await administration.Queues.ListReceiversAsync("orders"));
    }

    [SkippableFact]
    public async Task A_leased_message_names_the_receiver_that_holds_it()
    {
        fixture.Server.SkipIfUnavailable();
        var begun = new Signal();
        var release = new Signal();
        await using var app = await StartAsync(e => e.Handler<Ping>(_ =>
        {
            begun.Set();
            return release.Task;
        }));
        await app.SendAsync("orders", new Ping(1));
        await begun.WaitAsync("the consumer begins");
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);

        var member = Assert.Single(await server.Database.SortedSetRangeByRankAsync(server.Keys("orders").Leased)).ToString();
        await Eventually.TrueAsync(async () => (await server.Engine.ListReceiversAsync("orders")).Length == 1);
        Assert.Equal(Assert.Single(await server.Engine.ListReceiversAsync("orders")).Id,
            LeaseReader.ReceiverOf(member[(member.IndexOf(':', StringComparison.Ordinal) + 1)..]));
        release.Set();
    }

    [SkippableFact]
    public async Task A_queue_that_deletes_itself_has_no_register()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync(e =>
        {
            e.AutoDeleteOnIdle = TimeSpan.FromMinutes(1);
            e.Handler<Ping>(_ => Task.CompletedTask);
        });
        await app.SendAsync("orders", new Ping(1));
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await server.EmptyAsync("orders");

        Assert.DoesNotContain(await server.AllKeysAsync(), x => x.EndsWith(":receivers", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_register_that_cannot_be_written_stops_no_receiver()
    {
        fixture.Server.SkipIfUnavailable();
        var received = new Inbox<int>();
        await using var app = await StartAsync(e => e.Handler<Ping>(x =>
        {
            received.Add(x.Message.Number);
            return Task.CompletedTask;
        }), start: false);
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await server.Database.StringSetAsync(server.Keys("orders").Receivers, "foreign");

        await app.StartAsync();
        await app.SendAsync("orders", new Ping(1));
        await received.WaitAsync(1);
        await Eventually.TrueAsync(() => app.Log.Contains("Background work of orders failed"), message: "the first failure is logged");
        await app.StopAsync();
        Assert.Equal("foreign", await server.Database.StringGetAsync(server.Keys("orders").Receivers));
    }

    [SkippableFact]
    public async Task On_a_full_server_receivers_are_still_known()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "1mb" });
        await using var server = await ServerSide.ConnectAsync(own, TestNames.Unique("full"));
        await Assert.ThrowsAsync<RedisServerException>(() => server.Database.StringSetAsync("x", "y"));

        await server.Engine.BeatAsync(server.Engine.Queue("orders").Name, "one", "{}"u8.ToArray());

        Assert.Equal("one", Assert.Single(await server.Engine.ListReceiversAsync("orders")).Id);
        Assert.Single((await server.Engine.ReadHistoryAsync("orders", TimeSpan.FromHours(1))).Minutes);
    }

    [SkippableFact]
    public async Task What_strangers_have_written_is_shown_as_unknown()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync(e => e.Handler<Ping>(_ => Task.CompletedTask));
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await Eventually.TrueAsync(async () => (await server.Engine.ListReceiversAsync("orders")).Length == 1);
        var name = server.Engine.Queue("orders").Name;
        string[] said =
        [
            "no json", "[]", """{"host":7,"pid":"x","up":-5,"p50":1e300,"held":1e300,"control":1e300}""",
            $$"""{"host":"{{new string('h', 500)}}","process":"\ud800","protocol":2.5}""",
        ];
        for (var i = 0; i < said.Length; i++)
            await server.Engine.BeatAsync(name, $"stranger{i}", System.Text.Encoding.UTF8.GetBytes(said[i]));
        await server.Database.HashDeleteAsync(server.Keys("orders").Beats, "stranger0");

        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        var strangers = (await administration.Queues.ListReceiversAsync("orders"))
            .Where(x => x.InstanceId.StartsWith("stranger", StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, strangers.Length);
        Assert.All(strangers, x =>
        {
            Assert.True(x.IsAlive);
            Assert.InRange(x.Host.Length, 0, 100);
            Assert.InRange(x.Protocol, 0, 2);
        });
    }

    Task<TestApp> StartAsync(Action<IRedisReceiveEndpointConfigurator> endpoint, bool start = true) => TestApp.StartAsync(fixture.Server,
        x =>
        {
            x.Start = start;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", endpoint);
        });
}
