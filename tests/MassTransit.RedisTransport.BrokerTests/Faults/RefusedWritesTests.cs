using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>Servers that answer, and refuse: full, read-only, without rights, with a policy that deletes messages.</summary>
public sealed class RefusedWritesTests : FaultTests, IClassFixture<OnSentinel>
{
    readonly OnSentinel _sentinel;

    public RefusedWritesTests(OnSentinel sentinel) => _sentinel = sentinel;

    [SkippableFact]
    public async Task A_full_server_refuses_sends_with_the_cure_and_is_drained_by_its_consumers()
    {
        await using var server = await StartAsync(x => x.MaxMemory = "12mb");
        await using var broker = Connect(server.ConnectionString);
        var queue = broker.Queue("orders");
        await queue.DeclareAsync(new QueueSettings());
        var record = new byte[20_000];
        var stored = 0;
        RedisTransportException? refused = null;
        while (refused is null && stored < 2_000)
        {
            try
            {
                await queue.SendAsync(new OutgoingMessage(record));
                stored++;
            }
            catch (RedisTransportException exception)
            {
                refused = exception;
            }
        }

        Assert.NotNull(refused);
        Assert.False(refused.IsTransient);
        Assert.Contains("raise maxmemory", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RedisTransportException>(() => queue.SendAsync(new OutgoingMessage(record) { DedupeId = "d", DedupeWindow = Lease }));

        // Everything a consumer needs: lease, renew, give back, move, look, settle; and an operator's replay and purge.
        var lane = queue.CreateLeaseLane();
        var messages = (await lane.LeaseAsync(20, Lease)).Messages;
        Assert.Equal(20, messages.Length);
        Assert.Empty(await queue.RenewAsync([.. messages.Select(x => x.Lease)], Lease));
        Assert.Empty(await queue.ReleaseAsync([messages[0].Lease], TimeSpan.Zero, failedDelivery: true));
        Assert.Empty(await queue.ReleaseAsync([messages[1].Lease], TimeSpan.FromMinutes(1), failedDelivery: true));
        Assert.True(await queue.MoveAsync(messages[2].Lease, broker.Queue("orders_error"), record));
        Assert.True(await queue.SettleAsync(messages[3].Lease));
        var dead = Assert.Single(await broker.Queue("orders_error").PeekAsync(MessageState.Ready, 0, 10));
        Assert.Equal(1, await broker.Queue("orders_error").RequeueAsync(queue, [KeyValuePair.Create(dead.Key, dead.Record!.Value)]));
        Assert.False(await queue.DeclareAsync(new QueueSettings()));
        Assert.True(await queue.TouchAsync());

        var settled = 1;
        for (LeasedMessage[] batch = [.. messages.Skip(4)]; batch.Length > 0; batch = (await lane.LeaseAsync(1_000, Lease)).Messages)
            settled += (await Task.WhenAll(batch.Select(x => queue.SettleAsync(x.Lease)))).Count(x => x);
        Assert.Equal(stored - 1, settled);
        Assert.Equal(1, await queue.PurgeAsync());
        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(new OutgoingMessage(record)));
        await using var admin = await server.ConnectAsync();
        await QueueInvariants.AssertAsync(admin.GetDatabase(), queue);
        await QueueInvariants.AssertAsync(admin.GetDatabase(), broker.Queue("orders_error"));
    }

    [SkippableFact]
    public async Task An_empty_receiver_can_still_wait_on_a_full_server()
    {
        await using var server = await StartAsync();
        await using var broker = Connect(server.ConnectionString);
        var queue = broker.Queue("orders");
        await queue.DeclareAsync(new QueueSettings());
        await using var admin = await server.ConnectAsync();
        await admin.GetServers()[0].ConfigSetAsync("maxmemory", 1);

        Assert.Empty(await LeaseAsync(queue));

        Assert.Equal("1", await admin.GetDatabase().HashGetAsync(queue.Keys.Meta, "waiting"));
    }

    [SkippableFact]
    public async Task A_replica_is_refused_with_the_cure_inside_the_send_timeout()
    {
        _sentinel.Server.SkipIfUnavailable();
        var replica = ((SentinelCluster)_sentinel.Server).Servers[1];
        await using var broker = Connect(replica.ConnectionString, x => x.SendTimeout = TimeSpan.FromMilliseconds(500));
        var queue = broker.Queue(TestNames.Unique("orders"));
        var started = Stopwatch.GetTimestamp();

        var send = await Assert.ThrowsAsync<RedisTransportException>(() => queue.SendAsync(Message("m")));
        var lease = await Assert.ThrowsAsync<RedisTransportException>(() => queue.CreateLeaseLane().LeaseAsync(1, Lease));

        Assert.True(send.IsTransient);
        Assert.True(lease.IsTransient);
        Assert.Contains("connect to the primary", send.Message, StringComparison.Ordinal);
        Assert.Contains("READONLY", lease.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [SkippableTheory]
    [InlineData("allkeys-lru")]
    [InlineData("volatile-ttl")]
    public async Task A_server_that_may_delete_messages_is_refused_with_the_cure_until_told_otherwise(string policy)
    {
        await using var server = await StartAsync(x =>
        {
            x.MaxMemory = "64mb";
            x.MaxMemoryPolicy = policy;
        });

        await using (var broker = Connect(server.ConnectionString))
        {
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => broker.Queue("orders").SendAsync(Message("m")));
            Assert.False(exception.IsTransient);
            Assert.Contains($"'{policy}'", exception.Message, StringComparison.Ordinal);
            Assert.Contains("AllowEvictionPolicy", exception.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<RedisTransportException>(() => broker.Queue("orders").CreateLeaseLane().LeaseAsync(1, Lease));
        }

        var logger = new ListLogger();
        await using (var broker = Connect(server.ConnectionString, x => x.AllowEvictionPolicy = true, logger))
        {
            Assert.Equal(SendOutcome.Stored, await broker.Queue("orders").SendAsync(Message("m")));
            Assert.Single(await LeaseAsync(broker.Queue("orders")));
        }

        Assert.Single(logger.Lines, x => x.Level == LogLevel.Critical && x.Text.Contains(policy, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_cure_works_without_a_restart_of_the_application()
    {
        await using var server = await StartAsync(x =>
        {
            x.MaxMemory = "64mb";
            x.MaxMemoryPolicy = "allkeys-lru";
        });
        await using var broker = Connect(server.ConnectionString);
        await using var admin = await server.ConnectAsync();
        await Assert.ThrowsAsync<RedisTransportException>(() => broker.Queue("orders").SendAsync(Message("m")));

        await admin.GetServers()[0].ConfigSetAsync("maxmemory-policy", "noeviction");

        Assert.Equal(SendOutcome.Stored, await broker.Queue("orders").SendAsync(Message("m")));
        Assert.Equal("noeviction", broker.Connection.Safety!.EvictionPolicy);
    }

    [SkippableFact]
    public async Task A_server_that_keeps_nothing_on_disk_is_warned_of_and_one_that_does_is_not()
    {
        var logger = new ListLogger();
        await using (var server = await StartAsync())
        await using (var broker = Connect(server.ConnectionString, logger: logger))
        {
            await broker.Queue("orders").CountAsync();
            Assert.False(broker.Connection.Safety!.Persistent);
        }

        Assert.Single(logger.Lines, x => x.Level == LogLevel.Warning && x.Text.Contains("appendonly yes", StringComparison.Ordinal));
        await using (var server = await StartAsync(x => x.AppendFsync = "everysec"))
        await using (var broker = Connect(server.ConnectionString, logger: logger))
        {
            await broker.Queue("orders").CountAsync();
            Assert.True(broker.Connection.Safety!.Persistent);
        }

        Assert.Single(logger.Lines);
    }

    [SkippableFact]
    public async Task The_rights_the_error_message_names_are_enough_and_fewer_are_refused_with_them()
    {
        await using var server = await StartAsync(x =>
        {
            x.Users.Add("app on >secret ~app:mt:* &app:mt:* +@all -@dangerous +info");
            x.Users.Add("other on >secret ~other:* &other:* +@all -@dangerous +info");
        });

        await using (var broker = Connect(server.ConnectionString + ",user=app,password=secret", x => x.KeyPrefix = "app"))
        {
            var queue = broker.Queue("orders");
            await queue.DeclareAsync(new QueueSettings());
            await broker.Topology.SubscribeAsync("topic", "orders", temporary: false);
            Assert.Single(await broker.Topology.ResolveAsync("topic"));
            Assert.Empty(await LeaseAsync(queue));
            await queue.SendAsync(Message("m") with { CancelToken = "t", DedupeId = "d", DedupeWindow = Lease });
            Assert.True(await queue.SettleAsync(Assert.Single(await LeaseAsync(queue)).Lease));
            Assert.Contains("orders", await broker.ListQueuesAsync());
            await queue.DeleteAsync();
        }

        await using (var broker = Connect(server.ConnectionString + ",user=other,password=secret", x => x.KeyPrefix = "app"))
        {
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => broker.Queue("orders").SendAsync(Message("m")));
            Assert.Contains("+evalsha", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        }
    }

    sealed class ListLogger : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
