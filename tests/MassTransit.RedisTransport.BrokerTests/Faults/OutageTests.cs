using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>Servers that hang, go away, come back, forget everything, or are replaced.</summary>
public sealed class OutageTests : FaultTests, IClassFixture<OnSentinel>
{
    readonly OnSentinel _sentinel;

    public OutageTests(OnSentinel sentinel) => _sentinel = sentinel;

    [SkippableTheory]
    [InlineData(8_000, 10)]
    [InlineData(12, 4_000_000)]
    public async Task Sends_behind_a_server_that_hangs_fail_together_inside_a_bound_and_work_again_afterwards(int count, int size)
    {
        await using var server = await StartAsync();
        server.SkipIfNotControllable();
        await using var engine = Connect(server.ConnectionString + ",asyncTimeout=1000", x => x.SendTimeout = TimeSpan.FromSeconds(6));
        var queue = engine.Queue("orders");
        var record = new byte[size];
        await queue.SendAsync(new OutgoingMessage(record));

        server.Suspend();
        var started = Stopwatch.GetTimestamp();
        var sends = Enumerable.Range(0, count).Select(_ => queue.SendAsync(new OutgoingMessage(record))).ToArray();
        var receive = Assert.ThrowsAsync<RedisTransportException>(() => queue.CreateReader().LeaseAsync(1, Lease));
        await Eventually.CompletesAsync(Task.WhenAll(sends.Select(x => Record.ExceptionAsync(() => x))), TimeSpan.FromSeconds(100));
        var took = Stopwatch.GetElapsedTime(started);
        var lease = await Eventually.CompletesAsync(receive);
        server.Resume();

        // Each of the groups would take 6 s by itself, one after the other.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(16));
        Assert.All(sends, x => Assert.True(Assert.IsType<RedisTransportException>(x.Exception!.InnerException).IsTransient));
        Assert.True(lease.IsTransient);
        await Eventually.TrueAsync(async () => await queue.SendAsync(Message("after")) == SendOutcome.Stored);
        // What the server found in its buffers when it went on was applied or not, but never by halves.
        await using var admin = await server.ConnectAsync();
        await QueueInvariants.AssertAsync(admin.GetDatabase(), queue);
    }

    [SkippableFact]
    public async Task A_short_outage_is_waited_through_and_every_message_is_stored_once()
    {
        await using var server = await StartAsync(x => x.AppendFsync = "always");
        server.SkipIfNotControllable();
        await using var engine = Connect(server.ConnectionString, x => x.SendTimeout = TimeSpan.FromSeconds(30));
        var queue = engine.Queue("orders");
        await queue.SendAsync(Message("0"));
        await engine.Topology.SubscribeAsync("topic", "orders", temporary: false);

        await server.KillAsync();
        var sends = Enumerable.Range(1, 400).Select(x => queue.SendAsync(Message($"{x}"))).ToArray();
        var resolve = engine.Topology.ResolveAsync("another topic").AsTask();
        await server.RestartAsync();

        Assert.All(await Task.WhenAll(sends), x => Assert.Equal(SendOutcome.Stored, x));
        Assert.Empty(await resolve);
        Assert.Single(await engine.Topology.ResolveAsync("topic"));
        Assert.Equal(Enumerable.Range(0, 401), Texts(await LeaseAsync(queue)).Select(int.Parse));
    }

    [SkippableFact]
    public async Task Delayed_and_leased_messages_survive_a_restart()
    {
        await using var server = await StartAsync(x => x.AppendFsync = "always");
        server.SkipIfNotControllable();
        await using var engine = Connect(server.ConnectionString);
        var queue = engine.Queue("orders");
        await queue.SendAsync(Message("delayed", 3, TimeSpan.FromMilliseconds(10)));
        await queue.SendAsync(Message("leased", 7));
        var leased = Assert.Single(await LeaseAsync(queue, 1));

        await server.KillAsync();
        await server.RestartAsync();

        LeasedMessage[] messages = [];
        await Eventually.TrueAsync(async () => (messages = await LeaseAsync(queue)).Length > 0);
        Assert.Equal(["delayed"], Texts(messages));
        Assert.True(await queue.SettleAsync(leased.Lease));
    }

    [SkippableFact]
    public async Task After_the_server_lost_everything_the_topology_comes_back_and_known_destinations_are_kept_meanwhile()
    {
        await using var server = await StartAsync();
        await using var admin = await server.ConnectAsync();
        await using var receiver = Connect(server.ConnectionString);
        await using var sender = Connect(server.ConnectionString);
        await receiver.Topology.LinkAsync("derived", "base");
        await receiver.Topology.SubscribeAsync("base", "orders", temporary: false);
        await receiver.Topology.SubscribeAsync("derived", "audit", temporary: true);
        Assert.Equal(["audit:True", "orders:False"], await QueueEngineTests.ResolveAsync(sender, "derived"));

        // This server is this test's own.
        await admin.GetServers()[0].FlushAllDatabasesAsync();
        await sender.Topology.SubscribeAsync("derived", "new", temporary: false);
        Assert.Equal(["audit:True", "new:False", "orders:False"], await QueueEngineTests.ResolveAsync(sender, "derived"));

        await receiver.Topology.RestoreAsync();
        await Eventually.TrueAsync(async () => (await sender.Topology.ReadAsync("derived")).SequenceEqual(["a:audit", "q:new", "t:base"]));
        Assert.Equal(["q:orders"], await sender.Topology.ReadAsync("base"));
    }

    [SkippableFact]
    public async Task A_receiver_that_subscribes_anything_after_a_loss_writes_all_it_had()
    {
        await using var server = await StartAsync();
        await using var admin = await server.ConnectAsync();
        await using var receiver = Connect(server.ConnectionString);
        await receiver.Topology.SubscribeAsync("one", "orders", temporary: false);
        await admin.GetServers()[0].FlushAllDatabasesAsync();

        await receiver.Topology.SubscribeAsync("two", "orders", temporary: false);

        Assert.Equal(["q:orders"], await receiver.Topology.ReadAsync("one"));
        Assert.Equal(["one", "two"], await receiver.Topology.ListTopicsAsync());
    }

    [SkippableFact]
    public async Task Through_the_sentinels_messages_are_sent_leased_and_settled_on_the_primary()
    {
        _sentinel.Server.SkipIfUnavailable();
        var queue = _sentinel.Engine.Queue(TestNames.Unique("sentinel"));
        await queue.DeclareAsync(new QueueSettings());
        await Task.WhenAll(Enumerable.Range(0, 100).Select(x => queue.SendAsync(Message($"{x}"))));

        var messages = await LeaseAsync(queue);

        Assert.All(await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease))), Assert.True);
        Assert.Equal(100, (await queue.CountAsync()).Completed);
        await QueueInvariants.AssertAsync(_sentinel.Raw, queue);
    }

    [SkippableFact]
    public async Task A_send_that_needs_replicas_waits_for_them_and_says_how_many_are_missing()
    {
        _sentinel.Server.SkipIfUnavailable();
        await using (var engine = _sentinel.CreateEngine(x => (x.RequiredReplicas, x.ReplicaTimeout) = (1, TimeSpan.FromSeconds(20))))
            Assert.Equal(SendOutcome.Stored, await engine.Queue(TestNames.Unique("replicated")).SendAsync(Message("m")));

        await using (var engine = _sentinel.CreateEngine(x => (x.RequiredReplicas, x.ReplicaTimeout) = (2, TimeSpan.FromMilliseconds(100))))
        {
            var queue = engine.Queue(TestNames.Unique("replicated"));
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => queue.SendAsync(Message("m")));
            Assert.Contains("of 2 required replicas", exception.Message, StringComparison.Ordinal);
            Assert.Equal(["m"], Texts(await LeaseAsync(queue)));
        }
    }

    [SkippableFact]
    public async Task A_failover_is_survived_without_a_restart()
    {
        await using var cluster = new SentinelCluster();
        await cluster.StartAsync();
        cluster.SkipIfNotControllable();
        await using var engine = Connect(cluster.ConnectionString, x => x.SendTimeout = TimeSpan.FromSeconds(60));
        var queue = engine.Queue("orders");
        await using (var safe =
            Connect(cluster.ConnectionString, x => (x.RequiredReplicas, x.ReplicaTimeout) = (1, TimeSpan.FromSeconds(20))))
            await safe.Queue("orders").SendAsync(Message("before"));

        var old = await cluster.KillPrimaryAsync();
        var during = queue.SendAsync(Message("during"));
        await cluster.WaitForFailoverAsync(old);

        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(during, TimeSpan.FromSeconds(60)));
        LeasedMessage[] messages = [];
        await Eventually.TrueAsync(async () => (messages = await LeaseAsync(queue)).Length > 0);
        Assert.Equal(["before", "during"], Texts(messages));
    }
}
