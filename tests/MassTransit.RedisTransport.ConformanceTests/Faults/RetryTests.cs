using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Faults;

public sealed class RetryTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    public static TheoryData<string> Policies => ["immediate", "interval", "exponential", "incremental", "intervals"];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Retry_runs_the_consumer_as_often_as_asked_in_one_delivery(string policy)
    {
        var attempts = new Inbox<(int Attempt, int Count, bool Redelivered)>();
        await using var bus = await StartAsync(policy,
            x => attempts.AddAsync((x.GetRetryAttempt(), x.GetRetryCount(), x.ReceiveContext.Redelivered)), succeedAt: null);

        await bus.SendAsync("jobs", new Job(1));

        var counts = await bus.DrainedAsync("jobs");
        Assert.Equal((0, 1, 1), (counts.Completed, counts.Moved, counts.Sent));
        Assert.Equal([0, 1, 2, 3], attempts.Items.Select(x => x.Attempt));
        Assert.All(attempts.Items, x => Assert.False(x.Redelivered));
        Assert.Equal(1, (await bus.CountAsync("jobs_error")).Ready);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Retry_that_succeeds_acknowledges_the_message(string policy)
    {
        var attempts = new Inbox<int>();
        await using var bus = await StartAsync(policy, x => attempts.AddAsync(x.GetRetryAttempt()), succeedAt: 2);

        await bus.SendAsync("jobs", new Job(1));

        Assert.Equal([0, 1, 2], await attempts.WaitAsync(3));
        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Completed);
        Assert.False((await bus.CountAsync("jobs_error")).Exists);
    }

    [Fact]
    public async Task Exception_that_is_ignored_is_not_retried()
    {
        var attempts = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("jobs", e =>
        {
            e.UseMessageRetry(r =>
            {
                r.Ignore<JobFailedException>();
                r.Immediate(5);
            });
            e.Handler<Job>(async x =>
            {
                await attempts.AddAsync(x.Message.Number);
                throw new JobFailedException("hopeless");
            });
        }));

        await bus.SendAsync("jobs", new Job(1));

        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Moved);
        Assert.Equal(1, attempts.Count);
    }

    Task<TestBus> StartAsync(string policy, Func<ConsumeContext, Task> attempt, int? succeedAt) =>
        TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("jobs", e =>
        {
            e.UseMessageRetry(r => Configure(r, policy));
            e.Handler<Job>(async x =>
            {
                await attempt(x);
                if (x.GetRetryAttempt() != succeedAt)
                    throw new JobFailedException("broken");
            });
        }));

    static void Configure(IRetryConfigurator retry, string policy)
    {
        var step = TimeSpan.FromMilliseconds(10);
        switch (policy)
        {
            case "immediate":
                retry.Immediate(3);
                break;
            case "interval":
                retry.Interval(3, step);
                break;
            case "exponential":
                retry.Exponential(3, step, step * 10, step);
                break;
            case "incremental":
                retry.Incremental(3, step, step);
                break;
            default:
                retry.Intervals(step, step * 2, step * 3);
                break;
        }
    }
}
