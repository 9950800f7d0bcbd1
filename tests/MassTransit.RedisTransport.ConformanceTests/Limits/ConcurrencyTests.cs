using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Limits;

public sealed record Work(int Id, int Key);

public sealed class ConcurrencyTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 50)]
    [InlineData(7, 20)]
    [InlineData(100, 100)]
    [InlineData(100, 300)]
    [InlineData(1_000, 1_000)]
    public async Task Concurrency_limit_is_reached_and_not_exceeded(int limit, int prefetch)
    {
        var gauge = new Gauge(limit);
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = prefetch;
            e.ConcurrentMessageLimit = limit;
            e.Handler<Work>(_ => gauge.RunAsync());
        }));

        var total = limit * 3;
        await bus.Bus.PublishBatch(Enumerable.Range(0, total).Select(i => new Work(i, 0)));

        Assert.Equal(total, (await bus.DrainedAsync("work")).Completed);
        Assert.Equal(limit, gauge.Most);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1_000)]
    public async Task Prefetch_without_a_concurrency_limit_is_the_limit(int prefetch)
    {
        var gauge = new Gauge(prefetch);
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = prefetch;
            e.Handler<Work>(_ => gauge.RunAsync());
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, prefetch * 2).Select(i => new Work(i, 0)));

        Assert.Equal(prefetch * 2, (await bus.DrainedAsync("work")).Completed);
        Assert.Equal(prefetch, gauge.Most);
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(40, 10)]
    public async Task No_more_than_the_prefetch_is_held_of_a_queue(int prefetch, int limit)
    {
        var gauge = new Gauge(limit);
        gauge.Close();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = prefetch;
            e.ConcurrentMessageLimit = limit;
            e.Handler<Work>(_ => gauge.RunAsync());
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 200).Select(i => new Work(i, 0)));
        await Eventually.EqualAsync(limit, () => gauge.Running);
        await Eventually.TrueAsync(async () => (await bus.CountAsync("work")).Leased == prefetch, message: "The prefetch is reached");
        for (var i = 0; i < 20; i++)
            Assert.InRange((await bus.CountAsync("work")).Leased, 0, prefetch);

        gauge.Open();
        Assert.Equal(200, (await bus.DrainedAsync("work")).Completed);
        Assert.Equal(limit, gauge.Most);
    }

    [Fact]
    public async Task Concurrency_limit_of_a_filter_holds_within_the_prefetch()
    {
        var gauge = new Gauge(5);
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 50;
            e.UseConcurrencyLimit(5);
            e.Handler<Work>(_ => gauge.RunAsync());
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 100).Select(i => new Work(i, 0)));

        Assert.Equal(100, (await bus.DrainedAsync("work")).Completed);
        Assert.Equal(5, gauge.Most);
    }

    [Fact]
    public async Task Blocking_consumers_reach_their_limit_too()
    {
        using var all = new CountdownEvent(8);
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.ConcurrentMessageLimit = 8;
            e.PrefetchCount = 8;
            e.Handler<Work>(_ =>
            {
                all.Signal();
                // Holds its thread until the other seven are here: never, were they run one after the other.
                Assert.True(all.Wait(TimeSpan.FromSeconds(20)));
                return Task.CompletedTask;
            });
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 8).Select(i => new Work(i, 0)));

        Assert.Equal(8, (await bus.DrainedAsync("work")).Completed);
    }

    [Fact]
    public async Task Slow_message_does_not_hold_up_the_others()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 4;
            e.Handler<Work>(async x =>
            {
                if (x.Message.Id == 0)
                    await release.Task;
                await inbox.AddAsync(x.Message.Id);
            });
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 100).Select(i => new Work(i, 0)));
        Assert.Equal(Enumerable.Range(1, 99), (await inbox.WaitAsync(99)).Order());

        release.SetResult();
        Assert.Equal(0, (await inbox.WaitAsync(100))[^1]);
    }
}
