using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;
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
        await using var engine = Connect(server.ConnectionString);
        var queue = engine.Queue("orders");
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
        await Assert.ThrowsAsync<RedisTransportException>(() =>
            queue.SendAsync(new OutgoingMessage(record) { DedupeId = "d", DedupeWindow = Lease }));

        // Everything a consumer needs: lease, renew, give back, move, look, settle; and an operator's replay and purge.
        var lane = queue.CreateReader();
        var messages = (await lane.LeaseAsync(20, Lease)).Messages;
        Assert.Equal(20, messages.Length);
        Assert.Empty(await queue.RenewAsync([.. messages.Select(x => x.Lease)], Lease));
        Assert.Empty(await queue.ReleaseAsync([messages[0].Lease], TimeSpan.Zero, failedDelivery: true));
        Assert.Empty(await queue.ReleaseAsync([messages[1].Lease], TimeSpan.FromMinutes(1), failedDelivery: true));
        Assert.True(await queue.MoveAsync(messages[2].Lease, engine.Queue("orders_error"), record));
        Assert.True(await queue.PutOffAsync(messages[4].Lease, record, TimeSpan.FromMinutes(1)));
        var parts = await queue.SplitAsync(messages[5], Lease, [record]);
        Assert.True(await queue.SettleAsync(Assert.Single(parts!).Lease));
        Assert.True(await queue.SettleAsync(messages[3].Lease));
        var dead = Assert.Single(await engine.Queue("orders_error").PeekAsync(MessageState.Ready, 0, 10));
        Assert.Equal(1, await engine.Queue("orders_error").RequeueAsync(queue, [KeyValuePair.Create(dead.Key, dead.Record!.Value)]));
        Assert.False(await queue.DeclareAsync(new QueueSettings()));
        Assert.True(await queue.TouchAsync());
        // And a pause, with who and why, its end, and what goes back because of it.
        foreach (var change in new[] { ControlChange.Limit(100_000), ControlChange.Pause(null) })
            Assert.NotNull(await engine.ChangeControlAsync("orders", change, "ops", new string('w', 500)));
        Assert.Empty((await lane.LeaseAsync(1, Lease)).Messages);
        await queue.GiveBackAsync(messages[19].Lease);
        Assert.NotNull((await engine.ChangeControlAsync("orders", ControlChange.Resume, "ops", ""))?.PausedAt);

        var settled = 2;
        for (LeasedMessage[] batch = [.. messages[6..19]]; batch.Length > 0; batch = (await lane.LeaseAsync(1_000, Lease)).Messages)
            settled += (await Task.WhenAll(batch.Select(x => queue.SettleAsync(x.Lease)))).Count(x => x);
        Assert.Equal(stored - 2, settled);
        Assert.Equal(2, await queue.PurgeAsync());
        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(new OutgoingMessage(record)));
        await using var admin = await server.ConnectAsync();
        await QueueInvariants.AssertAsync(admin.GetDatabase(), queue);
        await QueueInvariants.AssertAsync(admin.GetDatabase(), engine.Queue("orders_error"));
    }

    [SkippableTheory]
    [InlineData("settle")]
    [InlineData("lease and settle")]
    [InlineData("take back")]
    [InlineData("promote")]
    [InlineData("move")]
    [InlineData("put off")]
    [InlineData("split")]
    [InlineData("release")]
    [InlineData("release delayed")]
    [InlineData("renew")]
    [InlineData("requeue")]
    [InlineData("remove")]
    [InlineData("cancel")]
    [InlineData("purge")]
    [InlineData("declare")]
    [InlineData("touch")]
    [InlineData("sweep")]
    [InlineData("damaged counters")]
    public async Task On_a_full_server_everything_passes_that_empties_it(string operation)
    {
        await using var server = await StartAsync();
        await using var engine = Connect(server.ConnectionString);
        await using var admin = await server.ConnectAsync();
        var (queue, error, raw) = (engine.Queue("orders"), engine.Queue("orders_error"), admin.GetDatabase());
        var record = new byte[100];
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(1)));
        for (var i = 0; i < 4; i++)
            await queue.SendAsync(new OutgoingMessage(record, MessageCount: 2));
        await error.SendAsync(new OutgoingMessage(record, MessageCount: 2));
        await queue.SendAsync(Message("later", delay: Lease) with { CancelToken = "token" });
        var lane = queue.CreateReader();
        var held = (await lane.LeaseAsync(4, Lease)).Messages;
        Assert.Equal(2, held.Length);
        if (operation == "take back")
            await raw.SortedSetAddAsync(queue.Keys.Leased, held[0].Lease.Member, 1);
        if (operation == "promote")
            await raw.SortedSetAddAsync(queue.Keys.Delayed, (await raw.SortedSetRangeByRankAsync(queue.Keys.Delayed))[0], 1);
        if (operation == "sweep")
            await raw.HashSetAsync(queue.Keys.Messages, "nobody's", "stray");
        if (operation == "damaged counters")
            await raw.HashSetAsync(queue.Keys.Meta,
                [new("completed", "x"), new("packed", "x"), new("packed_leased", "x"), new("moved", "x")]);
        // Scripts are known before the server is full.
        await queue.CountAsync();
        await admin.GetServers()[0].ConfigSetAsync("maxmemory", 1);
        Assert.Contains("raise maxmemory",
            (await Assert.ThrowsAsync<RedisTransportException>(() => queue.SendAsync(Message("m")))).Message, StringComparison.Ordinal);

        var dead = (await error.PeekAsync(MessageState.Ready, 0, 1))[0];
        await (operation switch
        {
            "settle" => IsTrue(queue.SettleAsync(held[0].Lease)),
            "lease and settle" => CountAsync(2, lane.LeaseAsync(4, Lease, [new Acknowledgement(held[0].Lease, new Listener())])),
            "take back" or "promote" => CountAsync(3, lane.LeaseAsync(6, Lease)),
            "move" => IsTrue(queue.MoveAsync(held[0].Lease, error, record)),
            "put off" => IsTrue(queue.PutOffAsync(held[0].Lease, record, Lease)),
            "split" => HasLength(2, queue.SplitAsync(held[0], Lease, [record, record])),
            "release" => HasLength(0, queue.ReleaseAsync([held[0].Lease], TimeSpan.Zero, failedDelivery: true)),
            "release delayed" => HasLength(0, queue.ReleaseAsync([held[0].Lease], Lease, failedDelivery: true)),
            "renew" => HasLength(0, queue.RenewAsync([held[0].Lease], Lease)),
            "requeue" => IsAsync(2, error.RequeueAsync(queue, [KeyValuePair.Create(dead.Key, (ReadOnlyMemory<byte>)record)])),
            "remove" => IsAsync(2, error.RemoveAsync([dead.Key])),
            "cancel" => IsTrue(queue.CancelAsync("token")),
            "purge" => IsAsync(5L, queue.PurgeAsync()),
            "declare" => IsAsync(false, queue.DeclareAsync(new QueueSettings())),
            "touch" => IsTrue(queue.TouchAsync()),
            "sweep" => FindStrayAsync(lane),
            _ => IsTrue(queue.MoveAsync(held[0].Lease, error, record)),
        });

        if (operation is not ("damaged counters" or "sweep"))
        {
            await QueueInvariants.AssertAsync(raw, queue);
            await QueueInvariants.AssertAsync(raw, error);
        }

        static async Task IsTrue(Task<bool> task) => Assert.True(await task);

        static async Task IsAsync<T>(T expected, Task<T> task) => Assert.Equal(expected, await task);

        static async Task HasLength<T>(int expected, Task<T> task) => Assert.Equal(expected, (((object?)await task) as Array)?.Length);

        static async Task CountAsync(int expected, Task<LeaseResult> task) => Assert.Equal(expected, (await task).Messages.Length);

        static async Task FindStrayAsync(LeaseReader lane)
        {
            await lane.LeaseAsync(1, Lease);
            await Eventually.TrueAsync(async () => (await lane.LeaseAsync(1, Lease)).Messages.Any(x => x.Stray));
        }
    }

    [SkippableFact]
    public async Task A_user_without_channels_stores_each_message_once_and_wakes_nobody()
    {
        await using var server = await StartAsync(x =>
        {
            x.Users.Add("producer on >secret ~* resetchannels +@all -@dangerous +info");
            x.Users.Add("app on >secret ~* &* +@all -@dangerous +info");
        });
        await using var receiver = Connect(server.ConnectionString + ",user=app,password=secret");
        var logger = new ListLogger();
        await using var sender = Connect(server.ConnectionString + ",user=producer,password=secret", logger: logger);
        var queue = receiver.Queue("orders");
        await queue.DeclareAsync(new QueueSettings());
        Assert.Empty(await LeaseAsync(queue));

        // A receiver sleeps: each of these would end in a wake-up.
        var sent = sender.Queue("orders");
        Assert.Equal(SendOutcome.Stored, await sent.SendAsync(Message("m")));
        var message = Assert.Single(await LeaseAsync(sent));
        Assert.Empty(await sent.ReleaseAsync([message.Lease], TimeSpan.Zero, failedDelivery: false));
        message = Assert.Single(await LeaseAsync(sent));
        Assert.True(await sent.PutOffAsync(message.Lease, message.Record!.Value, TimeSpan.FromMilliseconds(1)));
        var error = sender.Queue("orders_error");
        await receiver.Queue("orders_error").DeclareAsync(new QueueSettings());
        Assert.Empty(await LeaseAsync(receiver.Queue("orders_error")));
        await Eventually.TrueAsync(async () => (await queue.CountAsync()).Ready + (await LeaseAndMoveAsync()) > 0);

        Assert.Equal((0, 0, 0), ((await queue.CountAsync()).Ready, (await queue.CountAsync()).Delayed, (await queue.CountAsync()).Leased));
        var dead = Assert.Single(await error.PeekAsync(MessageState.Ready, 0, 10));
        Assert.Equal(1, await error.RequeueAsync(sent, [KeyValuePair.Create(dead.Key, dead.Record!.Value)]));
        Assert.Single(await LeaseAsync(queue));
        Assert.Single(logger.Lines, x => x.Level == LogLevel.Warning && x.Text.Contains("'&mt:*'", StringComparison.Ordinal));
        await using var admin = await server.ConnectAsync();
        await QueueInvariants.AssertAsync(admin.GetDatabase(), queue);

        async Task<int> LeaseAndMoveAsync()
        {
            var due = await LeaseAsync(sent);
            foreach (var leased in due)
                Assert.True(await sent.MoveAsync(leased.Lease, error, leased.Record!.Value));
            return due.Length;
        }
    }

    [SkippableFact]
    public async Task Replies_fit_below_a_limit_of_what_the_server_keeps_for_a_client()
    {
        await using var server = await StartAsync();
        await using var admin = await server.ConnectAsync();
        await admin.GetServers()[0].ConfigSetAsync("client-output-buffer-limit", "normal 1mb 1mb 1");
        await using var engine = Connect(server.ConnectionString);
        var queue = engine.Queue("big");
        for (var i = 0; i < 32; i++)
            await queue.SendAsync(new OutgoingMessage(new byte[i % 8 == 7 ? 3_000_000 : 200_000]));

        Assert.Equal(32, (await queue.PeekAsync(MessageState.Ready, 0, 100)).Count);
        var lane = queue.CreateReader();
        var received = 0;
        for (var calls = 0; received < 32; calls++)
        {
            Assert.InRange(calls, 0, 100);
            foreach (var message in (await lane.LeaseAsync(100, Lease)).Messages)
            {
                received++;
                Assert.True(await queue.SettleAsync(message.Lease));
            }
        }

        Assert.Equal(0, (await queue.CountAsync()).Records);
    }

    [SkippableFact]
    public async Task An_empty_receiver_can_still_wait_on_a_full_server()
    {
        await using var server = await StartAsync();
        await using var engine = Connect(server.ConnectionString);
        var queue = engine.Queue("orders");
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
        await using var engine = Connect(replica.ConnectionString, x => x.SendTimeout = TimeSpan.FromMilliseconds(500));
        var queue = engine.Queue(TestNames.Unique("orders"));
        var started = Stopwatch.GetTimestamp();

        var send = await Assert.ThrowsAsync<RedisTransportException>(() => queue.SendAsync(Message("m")));
        var lease = await Assert.ThrowsAsync<RedisTransportException>(() => queue.CreateReader().LeaseAsync(1, Lease));

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

        await using (var engine = Connect(server.ConnectionString))
        {
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => engine.Queue("orders").SendAsync(Message("m")));
            Assert.False(exception.IsTransient);
            Assert.Contains($"'{policy}'", exception.Message, StringComparison.Ordinal);
            Assert.Contains("AllowEvictionPolicy", exception.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<RedisTransportException>(() => engine.Queue("orders").CreateReader().LeaseAsync(1, Lease));
        }

        var logger = new ListLogger();
        await using (var engine = Connect(server.ConnectionString, x => x.AllowEvictionPolicy = true, logger))
        {
            Assert.Equal(SendOutcome.Stored, await engine.Queue("orders").SendAsync(Message("m")));
            Assert.Single(await LeaseAsync(engine.Queue("orders")));
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
        await using var engine = Connect(server.ConnectionString);
        await using var admin = await server.ConnectAsync();
        await Assert.ThrowsAsync<RedisTransportException>(() => engine.Queue("orders").SendAsync(Message("m")));

        await admin.GetServers()[0].ConfigSetAsync("maxmemory-policy", "noeviction");

        Assert.Equal(SendOutcome.Stored, await engine.Queue("orders").SendAsync(Message("m")));
        Assert.Equal("noeviction", engine.Connection.Check.Facts!.EvictionPolicy);
    }

    [SkippableFact]
    public async Task A_server_that_keeps_nothing_on_disk_is_warned_of_and_one_that_does_is_not()
    {
        var logger = new ListLogger();
        await using (var server = await StartAsync())
        await using (var engine = Connect(server.ConnectionString, logger: logger))
        {
            await engine.Queue("orders").CountAsync();
            Assert.False(engine.Connection.Check.Facts!.Persistent);
        }

        Assert.Single(logger.Lines, x => x.Level == LogLevel.Warning && x.Text.Contains("appendonly yes", StringComparison.Ordinal));
        await using (var server = await StartAsync(x => x.AppendFsync = "everysec"))
        await using (var engine = Connect(server.ConnectionString, logger: logger))
        {
            await engine.Queue("orders").CountAsync();
            Assert.True(engine.Connection.Check.Facts!.Persistent);
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

        await using (var engine = Connect(server.ConnectionString + ",user=app,password=secret", x => x.KeyPrefix = "app"))
        {
            var queue = engine.Queue("orders");
            await queue.DeclareAsync(new QueueSettings());
            await engine.Topology.SubscribeAsync("topic", "orders", temporary: false);
            Assert.Single(await engine.Topology.ResolveAsync("topic"));
            Assert.Empty(await LeaseAsync(queue));
            await queue.SendAsync(Message("m") with { CancelToken = "t", DedupeId = "d", DedupeWindow = Lease });
            Assert.True(await queue.SettleAsync(Assert.Single(await LeaseAsync(queue)).Lease));
            Assert.Contains("orders", await engine.ListQueuesAsync());
            await queue.DeleteAsync();
        }

        await using (var engine = Connect(server.ConnectionString + ",user=other,password=secret", x => x.KeyPrefix = "app"))
        {
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => engine.Queue("orders").SendAsync(Message("m")));
            Assert.Contains("+evalsha", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        }
    }

    sealed class Listener : ISettleListener
    {
        public void OnSettled(bool leaseLost, Exception? error) => Assert.False(leaseLost || error is not null);
    }

    sealed class ListLogger : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
