using System.Collections.Concurrent;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Batches;

public sealed class BatchFaultTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    static readonly TimeSpan Never = TimeSpan.FromMinutes(5);

    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Each_message_of_a_failing_batch_ends_in_the_error_queue()
    {
        var dead = new Inbox<int>();
        var tried = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("items", e => BatchTests.Batch(e, new Inbox<int[]>(), 10, 2, Never, async x =>
            {
                foreach (var message in x.Message)
                    await tried.AddAsync(message.Message.Id);
                throw new InvalidOperationException("the whole batch");
            }));
            Bury(cfg, dead);
        });

        await bus.Bus.PublishBatch(Enumerable.Range(0, 40).Select(i => new Item(i)));

        Assert.Equal(Enumerable.Range(0, 40), (await dead.WaitAsync(40)).Order());
        Assert.Equal(Enumerable.Range(0, 40), tried.Items.Order());
        var counts = await bus.DrainedAsync("items");
        Assert.Equal((0, 40), (counts.Completed, counts.Moved));
    }

    [Fact]
    public async Task Failing_batch_is_retried_and_then_acknowledged()
    {
        var batches = new Inbox<int[]>();
        var attempts = 0;
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("items", e =>
        {
            e.UseMessageRetry(r => r.Immediate(3));
            BatchTests.Batch(e, batches, 10, 1, Never, _ => Interlocked.Increment(ref attempts) < 3
                ? throw new InvalidOperationException("not yet")
                : Task.CompletedTask);
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 10).Select(i => new Item(i)));

        Assert.Equal(Enumerable.Range(0, 10), (await batches.WaitAsync(1))[0].Order());
        var counts = await bus.DrainedAsync("items");
        Assert.Equal((10, 0), (counts.Completed, counts.Moved));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Messages_of_a_failing_batch_are_redelivered_each_and_succeed()
    {
        var done = new ConcurrentDictionary<int, int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("items", e =>
        {
            e.UseDelayedRedelivery(r => r.Interval(5, TimeSpan.FromMilliseconds(50)));
            // Redelivered messages come back alone or in company: the time limit ends partial batches.
            BatchTests.Batch(e, new Inbox<int[]>(), 10, 2, TimeSpan.FromMilliseconds(200), x =>
            {
                if (x.Message.Any(m => m.GetRedeliveryCount() == 0))
                    throw new InvalidOperationException("first time");
                foreach (var message in x.Message)
                    done.AddOrUpdate(message.Message.Id, 1, (_, count) => count + 1);
                return Task.CompletedTask;
            });
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 40).Select(i => new Item(i)));

        await Eventually.EqualAsync(40, () => done.Count);
        var counts = await bus.DrainedAsync("items");
        Assert.Equal(0, counts.Moved);
        Assert.Equal(Enumerable.Range(0, 40), done.Keys.Order());
        Assert.All(done.Values, x => Assert.Equal(1, x));
    }

    [Fact]
    public async Task Failing_batches_leave_the_others_alone()
    {
        var batches = new Inbox<int[]>();
        var dead = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("items", e => BatchTests.Batch(e, batches, 5, 4, TimeSpan.FromMilliseconds(200), x =>
                x.Message.Any(m => m.Message.Id % 50 == 0) ? throw new InvalidOperationException("poison") : Task.CompletedTask));
            Bury(cfg, dead);
        });

        await bus.Bus.PublishBatch(Enumerable.Range(0, 200).Select(i => new Item(i)));

        await Eventually.EqualAsync(200, () => batches.Items.Sum(x => x.Length) + dead.Count);
        Assert.Equal(Enumerable.Range(0, 200), batches.Items.SelectMany(x => x).Concat(dead.Items).Order());
        Assert.Superset(new HashSet<int>([0, 50, 100, 150]), dead.Items.ToHashSet());
    }

    static void Bury(IRedisBusFactoryConfigurator cfg, Inbox<int> dead) => cfg.ReceiveEndpoint("items_error", e =>
    {
        e.ConfigureConsumeTopology = false;
        e.Handler<Item>(x => dead.AddAsync(x.Message.Id));
    });
}
