using System.Globalization;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Faults;

public sealed class RedeliveryTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(40);

    readonly TestServer _server = fixture.Server;

    public static TheoryData<string> Kinds => ["delayed", "scheduled by Redis", "scheduled by delay"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redelivery_counts_up_and_ends_in_the_error_queue(string kind)
    {
        var attempts = new Inbox<int>();
        var dead = new Inbox<string?>();
        await using var bus = await StartAsync(kind, dead, async x =>
        {
            await attempts.AddAsync(x.GetRedeliveryCount());
            throw new JobFailedException("broken");
        });

        await bus.SendAsync("jobs", new Job(1));

        Assert.Equal("fault", await dead.SingleAsync());
        Assert.Equal([0, 1, 2, 3], attempts.Items);
        var counts = await bus.DrainedAsync("jobs");
        Assert.Equal((4, 3, 1), (counts.Sent, counts.Completed, counts.Moved));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redelivery_that_succeeds_ends_there(string kind)
    {
        var attempts = new Inbox<int>();
        await using var bus = await StartAsync(kind, new Inbox<string?>(), async x =>
        {
            await attempts.AddAsync(x.GetRedeliveryCount());
            if (x.GetRedeliveryCount() < 2)
                throw new JobFailedException("broken");
        });

        await bus.SendAsync("jobs", new Job(1));

        Assert.Equal([0, 1, 2], await attempts.WaitAsync(3));
        var counts = await bus.DrainedAsync("jobs");
        Assert.Equal((3, 3, 0), (counts.Sent, counts.Completed, counts.Moved));
    }

    [Fact]
    public async Task Redelivery_waits_for_its_delays()
    {
        var times = new Inbox<long>();
        await using var bus = await StartAsync("delayed", new Inbox<string?>(), async x =>
        {
            await times.AddAsync(Environment.TickCount64);
            if (x.GetRedeliveryCount() < 3)
                throw new JobFailedException("broken");
        });

        await bus.SendAsync("jobs", new Job(1));

        var seen = await times.WaitAsync(4);
        // 5 ms for two clocks of a millisecond's grain; late is no fault.
        for (var i = 1; i < seen.Count; i++)
            Assert.InRange(seen[i] - seen[i - 1], (Step * i).TotalMilliseconds - 5, 20_000);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redelivery_keeps_priority_ids_and_headers(string kind)
    {
        var attempts = new Inbox<(byte? Priority, Guid? Correlation, Guid? Conversation, string? Tenant, int Number)>();
        await using var bus = await StartAsync(kind, new Inbox<string?>(), async x =>
        {
            await attempts.AddAsync(
                (x.GetPriority(), x.CorrelationId, x.ConversationId, x.Headers.Get<string>("Tenant"), x.Message.Number));
            if (x.GetRedeliveryCount() < 3)
                throw new JobFailedException("broken");
        });

        var (correlation, conversation) = (NewId.NextGuid(), NewId.NextGuid());
        await bus.SendAsync("jobs", new Job(8), x =>
        {
            x.SetPriority(200);
            x.CorrelationId = correlation;
            x.ConversationId = conversation;
            x.Headers.Set("Tenant", "blue");
        });

        Assert.All(await attempts.WaitAsync(4), x => Assert.Equal(((byte?)200, correlation, conversation, "blue", 8), x));
    }

    [Fact]
    public async Task Retry_inside_redelivery_multiplies_the_attempts()
    {
        var attempts = new Inbox<string>();
        var dead = new Inbox<string?>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e =>
            {
                e.UseDelayedRedelivery(r => r.Intervals(Step, Step));
                e.UseMessageRetry(r => r.Immediate(1));
                e.Handler<Job>(async x =>
                {
                    await attempts.AddAsync(string.Create(CultureInfo.InvariantCulture, $"{x.GetRedeliveryCount()}.{x.GetRetryAttempt()}"));
                    throw new JobFailedException("broken");
                });
            });
            Bury(cfg, dead);
        });

        await bus.SendAsync("jobs", new Job(1));

        await dead.SingleAsync();
        Assert.Equal(["0.0", "0.1", "1.0", "1.1", "2.0", "2.1"], attempts.Items);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Consumer_redelivers_by_itself(bool redis)
    {
        var attempts = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            if (redis)
                cfg.UseRedisMessageScheduler();
            else
                cfg.UseDelayedMessageScheduler();
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(async x =>
            {
                await attempts.AddAsync(x.GetRedeliveryCount());
                if (x.GetRedeliveryCount() < 2)
                    await x.Redeliver(Step);
            }));
        });

        await bus.SendAsync("jobs", new Job(1));

        Assert.Equal([0, 1, 2], await attempts.WaitAsync(3));
        var counts = await bus.DrainedAsync("jobs");
        Assert.Equal((3, 3), (counts.Sent, counts.Completed));
    }

    Task<TestBus> StartAsync(string kind, Inbox<string?> dead, MessageHandler<Job> handler) => TestBus.StartAsync(_server, cfg =>
    {
        if (kind == "scheduled by Redis")
            cfg.UseRedisMessageScheduler();
        else if (kind == "scheduled by delay")
            cfg.UseDelayedMessageScheduler();
        cfg.ReceiveEndpoint("jobs", e =>
        {
            if (kind == "delayed")
                e.UseDelayedRedelivery(r => r.Intervals(Step, Step * 2, Step * 3));
            else
                e.UseScheduledRedelivery(r => r.Intervals(Step, Step * 2, Step * 3));
            e.Handler(handler);
        });
        Bury(cfg, dead);
    });

    static void Bury(IRedisBusFactoryConfigurator cfg, Inbox<string?> dead) => cfg.ReceiveEndpoint("jobs_error", e =>
    {
        e.ConfigureConsumeTopology = false;
        e.Handler<Job>(x => dead.AddAsync(x.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.Reason)));
    });
}
