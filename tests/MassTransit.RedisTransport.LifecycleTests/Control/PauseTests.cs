using System.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Control;

/// <summary>What endpoints do while their queue is paused, and what an operator is told.</summary>
public sealed class PauseTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly RedisActor By = new("ops@web1", "the bank is down");

    [Fact]
    public async Task What_has_begun_ends_and_what_was_fetched_goes_back_with_no_delivery_counted()
    {
        var started = new Inbox<int>();
        var release = new Signal();
        await using var app = await StartAsync(redis.Server, e =>
        {
            e.PrefetchCount = 8;
            e.ConcurrentMessageLimit = 2;
            e.Handler<Ping>(context =>
            {
                started.Add(context.Message.Number);
                return release.Task;
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        for (var i = 0; i < 20; i++)
            await app.SendAsync("orders", new Ping(i));
        await Eventually.EqualAsync(8, async () => (await server.CountAsync("orders")).Leased);
        await started.WaitAsync(2);
        var queues = Queues(app);

        var before = await queues.PauseAsync("orders", By);

        // The window was full and the loop had nothing to ask for: it is told all the same.
        Assert.False(before.IsPaused);
        await Eventually.EqualAsync((18L, 2L), async () => await ReadyAndLeasedAsync(server));
        var waiting = await queues.WaitForPauseAsync("orders", TimeSpan.Zero);
        Assert.Equal((false, 2L, true), (waiting.Done, waiting.Leased, waiting.Control.IsPaused));
        release.Set();
        Assert.True((await queues.WaitForPauseAsync("orders", TimeSpan.FromSeconds(20))).Done);
        // Two begin at once, and either may be the first to say so.
        Assert.Equal([0, 1], started.Items.Order());
        Assert.Equal((18L, 0L), await ReadyAndLeasedAsync(server));
        Assert.Equal(0, await server.Database.HashLengthAsync(server.Keys("orders").Deliveries));
        Assert.True((await queues.GetAsync("orders")).IsPaused);

        await queues.ResumeAsync("orders", By);
        await started.WaitAsync(20);
        await server.EmptyAsync("orders");
        Assert.Equal(Enumerable.Range(0, 20), started.Items.Order());
        Assert.True(app.Log.Contains("orders is paused") && app.Log.Contains("orders is resumed"));
    }

    [Fact]
    public async Task Pause_outlives_every_process_and_a_declaration_and_ends_by_itself()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("deployed");
        await using (var first = await StartAsync(redis.Server, e => e.Handler<Ping>(_ => Task.CompletedTask), prefix))
        {
            await Queues(first).PauseAsync("orders", By);
            await first.SendAsync("orders", new Ping(1));
        }

        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        void Deployed(IRedisReceiveEndpointConfigurator e)
        {
            e.PriorityAging = TimeSpan.FromSeconds(1);
            e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            });
        }

        await using (var second = await StartAsync(redis.Server, Deployed, prefix))
        {
            var control = await Queues(second).GetControlAsync("orders");
            Assert.Equal((true, "ops@web1", "the bank is down", (DateTimeOffset?)null),
                (control.IsPaused, control.PausedBy, control.Reason, control.PausedUntil));
            Assert.Equal((1L, 0L), await ReadyAndLeasedAsync(server));
            // Everybody stops; the end needs nobody.
            await Queues(second).PauseAsync("orders", By, TimeSpan.FromMilliseconds(1));
        }

        await using var third = await StartAsync(redis.Server, Deployed, prefix);
        await received.WaitAsync(1);
    }

    [Fact]
    public async Task Delayed_redelivered_and_replayed_messages_wait_and_come_once_in_their_order()
    {
        var received = new Inbox<int>();
        var mended = new Signal();
        await using var app = await StartAsync(redis.Server, e =>
        {
            e.UseDelayedRedelivery(x => x.Interval(1, TimeSpan.FromMilliseconds(200)));
            e.Handler<Ping>(context =>
            {
                if (context.Message.Number == 3 && context.GetRedeliveryCount() == 0)
                    throw new InvalidOperationException("comes again");
                if (context.Message.Number == 4 && !mended.IsSet)
                    throw new InvalidOperationException("is replayed");
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await app.SendAsync("orders", new Ping(4));
        await Eventually.EqualAsync(1L, async () => (await server.CountAsync("orders_error")).Ready);
        await app.SendAsync("orders", new Ping(3));
        await Eventually.EqualAsync(1L, async () => (await server.CountAsync("orders")).Delayed);
        await Queues(app).PauseAsync("orders", By);
        mended.Set();

        await app.SendAsync("orders", new Ping(2), x => x.TrySetPriority(9));
        await app.SendAsync("orders", new Ping(5), x => x.Delay = TimeSpan.FromMilliseconds(1));
        await app.Services.GetRequiredService<IRedisDeadLetters>().ReplayAllAsync("orders_error");
        await Eventually.EqualAsync((4L, 0L), async () => await ReadyAndLeasedAsync(server), message: "all wait");
        Assert.Equal(0, received.Count);

        await Queues(app).ResumeAsync("orders", By);
        await server.EmptyAsync("orders");
        Assert.Equal([2, 3, 4, 5], received.Items.Order());
        Assert.Equal(2, received.Items[0]);
    }

    [SkippableFact]
    public async Task Paused_queue_costs_its_receiver_at_most_two_calls_a_second_however_much_is_sent()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using var app = await StartAsync(own, e => e.Handler<Ping>(_ => Task.CompletedTask));
        await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
        await server.EmptyAsync("orders");
        await Queues(app).PauseAsync("orders", By);
        await Eventually.TrueAsync(() => app.Log.Contains("orders is paused"));
        var (published, called, sent) = (await CallsAsync(server, "publish"), await CallsAsync(server, "evalsha"), 0);
        var started = Stopwatch.GetTimestamp();

        // Not a wait for an effect: the span over which the cost is measured.
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(4))
        {
            await server.Engine.Queue("orders").SendAsync(new Broker.Queues.OutgoingMessage(new byte[] { 1 }));
            sent++;
        }

        var seconds = Math.Ceiling(Stopwatch.GetElapsedTime(started).TotalSeconds);
        Assert.InRange(await CallsAsync(server, "evalsha") - called - sent, 1, 2 * seconds);
        Assert.Equal(0, await CallsAsync(server, "publish") - published);
        Assert.Equal((sent, 0), await ReadyAndLeasedAsync(server));
    }

    [Fact]
    public async Task Temporary_queue_is_refused_with_the_reason()
    {
        await using var app = await StartAsync(redis.Server, e =>
        {
            e.AutoDeleteOnIdle = TimeSpan.FromMinutes(1);
            e.Handler<Ping>(_ => Task.CompletedTask);
        });

        var refusal = await Assert.ThrowsAsync<RedisConflictException>(() => Queues(app).PauseAsync("orders", By));

        Assert.Contains("deletes itself", refusal.Message, StringComparison.Ordinal);
        Assert.False((await Queues(app).GetControlAsync("orders")).IsPaused);
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_refused_before_anything_is_set()
    {
        await using var app = await StartAsync(redis.Server, e => e.Handler<Ping>(_ => Task.CompletedTask));
        var queues = Queues(app);

        await Assert.ThrowsAsync<RedisQueueNotFoundException>(() => queues.PauseAsync("unknown", By));
        await Assert.ThrowsAsync<ArgumentException>(() => queues.PauseAsync("no name", By));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queues.PauseAsync("orders", By, TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queues.SetLimitAsync("orders", 0, By));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queues.SetRateAsync("orders", -1, By));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queues.SetWorkersAsync("orders", 0, By));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queues.WaitForPauseAsync("orders", TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentException>(() => new RedisActor(" "));
        Assert.Throws<ArgumentException>(() => new RedisActor(new string('x', 201)));
        Assert.Throws<ArgumentException>(() => new RedisActor("ops", new string('x', 501)));
        Assert.Equal(0, (await queues.GetControlAsync("orders")).Version);
    }

    [Fact]
    public async Task A_line_break_in_a_name_or_a_reason_makes_one_line_of_the_log()
    {
        await using var app = await StartAsync(redis.Server, e => e.Handler<Ping>(_ => Task.CompletedTask));

        await Queues(app).PauseAsync("orders", new RedisActor("o\r\nps", "a\nb\u202Ec\u001b[31m"));

        var line = Assert.Single(app.Log.Entries, x => x.Text.Contains("did 'pause' on orders", StringComparison.Ordinal));
        Assert.DoesNotContain(line.Text.Split(" User=")[0], char.IsControl);
        var control = await Queues(app).GetControlAsync("orders");
        Assert.Equal(("o\r\nps", "a\nb\u202Ec\u001b[31m"), (control.PausedBy, control.Reason));
    }

    [Fact]
    public async Task Workers_move_the_endpoint_up_to_four_times_its_limit_and_down_once_those_above_have_ended()
    {
        using var permits = new SemaphoreSlim(0);
        int active = 0, most = 0;
        await using var app = await StartAsync(redis.Server, e =>
        {
            e.PrefetchCount = 4;
            e.ConcurrentMessageLimit = 4;
            e.Handler<Ping>(async _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref active));
                await permits.WaitAsync();
                Interlocked.Decrement(ref active);
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        for (var i = 0; i < 200; i++)
            await app.SendAsync("orders", new Ping(i));
        await Eventually.EqualAsync(4, () => Volatile.Read(ref active));

        await Queues(app).SetWorkersAsync("orders", 1_000, By);
        await Eventually.EqualAsync(16, () => Volatile.Read(ref active));
        Assert.Equal(16, (await server.CountAsync("orders")).Leased);

        await Queues(app).SetWorkersAsync("orders", 2, By);
        // Those at work end, round by round, until no more than two begin although many wait.
        var rounds = 0;
        await Eventually.TrueAsync(async () =>
        {
            if (permits.CurrentCount == 0 && Volatile.Read(ref active) == 2 && (await server.CountAsync("orders")).Leased == 2)
                return ++rounds == 3;
            rounds = 0;
            if (permits.CurrentCount == 0)
                permits.Release(Math.Max(1, Volatile.Read(ref active)));
            return false;
        });
        Volatile.Write(ref most, 0);
        permits.Release(200);
        await server.EmptyAsync("orders");
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task A_limit_is_kept_by_several_processes_that_hold_no_more_than_they_can_begin()
    {
        int active = 0, most = 0;
        var prefix = TestNames.Unique("limited");
        void Configure(IRedisReceiveEndpointConfigurator e)
        {
            e.PrefetchCount = 100;
            e.ConcurrentMessageLimit = 10;
            e.Handler<Ping>(async _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref active));
                await Task.Yield();
                Interlocked.Decrement(ref active);
            });
        }

        await using var one = await StartAsync(redis.Server, Configure, prefix);
        await using var other = await StartAsync(redis.Server, Configure, prefix);
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await Queues(one).SetLimitAsync("orders", 5, By);
        for (var i = 0; i < 300; i++)
            await one.SendAsync("orders", new Ping(i));

        long leased = 0;
        await Eventually.TrueAsync(async () =>
        {
            var counts = await server.CountAsync("orders");
            leased = Math.Max(leased, counts.Leased);
            return counts is { Ready: 0, Leased: 0 };
        });

        Assert.InRange(leased, 0, 5);
        Assert.InRange(most, 1, 5);
    }

    static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    static IRedisQueues Queues(TestApp app) => app.Services.GetRequiredService<IRedisQueues>();

    static async Task<(long Ready, long Leased)> ReadyAndLeasedAsync(ServerSide server)
    {
        var counts = await server.CountAsync("orders");
        return (counts.Ready, counts.Leased);
    }

    static Task<long> CallsAsync(ServerSide server, string command) => CommandCounts.SumAsync(server.Database.Multiplexer, command);

    static Task<TestApp> StartAsync(TestServer server, Action<IRedisReceiveEndpointConfigurator> configure, string? prefix = null) =>
        TestApp.StartAsync(server, x =>
        {
            x.Prefix = prefix ?? x.Prefix;
            x.Register = bus => bus.AddRedisQueues();
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", configure);
        });
}
