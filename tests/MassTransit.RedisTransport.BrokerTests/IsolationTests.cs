using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Faults;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Applications that share a server do not see each other: not their queues, their topics, nor their wake-ups.</summary>
public sealed class IsolationTests : FaultTests, IClassFixture<OnRedis>
{
    readonly OnRedis _server;

    public IsolationTests(OnRedis server)
    {
        server.Server.SkipIfUnavailable();
        _server = server;
    }

    [SkippableTheory]
    [InlineData("one", 0, "two", 0)]
    [InlineData("one", 0, null, 0)]
    [InlineData(null, 0, null, 5)]
    [InlineData("one", 5, "one", 0)]
    public async Task Prefixes_and_databases_keep_applications_apart(string? prefix, int database, string? otherPrefix, int otherDatabase)
    {
        await using var mine = _server.CreateEngine(x => (x.KeyPrefix, x.Database) = (prefix, database));
        await using var theirs = _server.CreateEngine(x => (x.KeyPrefix, x.Database) = (otherPrefix, otherDatabase), new ManualTime());
        var name = TestNames.Unique("shared");
        MessageQueue queue = mine.Queue(name), other = theirs.Queue(name);
        await queue.DeclareAsync(new QueueSettings());
        await other.DeclareAsync(new QueueSettings());
        await mine.Topology.SubscribeAsync(name, name, temporary: false);
        var seen = await theirs.Topology.ResolveAsync(name);
        var wakes = 0;
        var subscriber = _server.Admin.GetSubscriber();
        await subscriber.SubscribeAsync(other.Keys.WakeChannel, (_, _) => Interlocked.Increment(ref wakes));
        Assert.Empty(await LeaseAsync(other));
        Assert.Empty(await LeaseAsync(queue));

        await queue.SendAsync(Message("mine") with { CancelToken = "t", DedupeId = "d", DedupeWindow = Lease });
        await mine.Topology.SubscribeAsync(name, name + "2", temporary: false);

        Assert.Empty(seen);
        Assert.Same(seen, await theirs.Topology.ResolveAsync(name));
        Assert.Empty(await LeaseAsync(other));
        Assert.False(await other.CancelAsync("t"));
        Assert.Equal(SendOutcome.Stored, await other.SendAsync(Message("theirs") with { DedupeId = "d", DedupeWindow = Lease }));
        Assert.Equal(["mine"], Texts(await LeaseAsync(queue)));
        Assert.Equal(["theirs"], Texts(await LeaseAsync(other)));

        // The only wake-up there is their own: it comes behind all that could have come before it.
        await Eventually.TrueAsync(() => Volatile.Read(ref wakes) > 0);
        Assert.Equal(1, wakes);
        await subscriber.UnsubscribeAsync(other.Keys.WakeChannel);
    }

    [SkippableFact]
    public async Task A_prefixed_application_writes_no_key_without_its_prefix_and_none_in_another_database()
    {
        await using var server = await StartAsync();
        await using var admin = await server.ConnectAsync();
        await using var engine = Connect(server.ConnectionString, x => (x.KeyPrefix, x.Database) = ("app", 5));
        var queue = engine.Queue("orders");
        await queue.DeclareAsync(new QueueSettings());
        await engine.Topology.SubscribeAsync("topic", "orders", temporary: false);
        await queue.SendAsync(Message("m", delay: Lease) with { CancelToken = "t", DedupeId = "d", DedupeWindow = Lease });
        await queue.SendAsync(Message("m"));
        await queue.MoveAsync(Assert.Single(await LeaseAsync(queue)).Lease, engine.Queue("orders_error"), new byte[] { 1 });

        var keys = admin.GetServers()[0].KeysAsync(5);
        await foreach (var key in keys)
            Assert.StartsWith("app:mt:", key.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await admin.GetServers()[0].DatabaseSizeAsync(0));
        Assert.InRange(await admin.GetServers()[0].DatabaseSizeAsync(5), 10, 20);
    }

    [SkippableFact]
    public async Task A_connection_of_the_caller_is_used_and_left_open()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(_server.Server.ConnectionString);
        await using (var engine = _server.CreateEngine(x => x.External = connection))
        {
            var queue = engine.Queue(TestNames.Unique("external"));
            await queue.SendAsync(Message("m"));
            Assert.Equal(["m"], Texts(await LeaseAsync(queue)));
        }

        Assert.True(connection.IsConnected);
        Assert.True(await connection.GetDatabase().PingAsync() > TimeSpan.Zero);
        await connection.DisposeAsync();
    }
}
