using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Batches;

public sealed record Item(int Id);

public sealed class BatchTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    static readonly TimeSpan Never = TimeSpan.FromMinutes(5);

    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData(1, 4, 300)]
    [InlineData(10, 3, 600)]
    [InlineData(100, 4, 2_000)]
    [InlineData(1_000, 2, 4_000)]
    public async Task Every_id_is_in_one_full_batch(int messageLimit, int concurrency, int total)
    {
        var batches = new Inbox<int[]>();
        // Full batches only: the time limit is never reached.
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("items", e => Batch(e, batches, messageLimit, concurrency, Never)));

        await bus.Bus.PublishBatch(Enumerable.Range(0, total).Select(i => new Item(i)));

        var seen = await batches.WaitAsync(total / messageLimit, TimeSpan.FromSeconds(60));
        Assert.All(seen, x => Assert.Equal(messageLimit, x.Length));
        Assert.Equal(Enumerable.Range(0, total), seen.SelectMany(x => x).Order());
        Assert.Equal(total, (await bus.DrainedAsync("items")).Completed);
    }

    [Theory]
    [InlineData(10, 3, 250)]
    [InlineData(100, 4, 1_234)]
    [InlineData(1_000, 2, 2_345)]
    public async Task What_does_not_fill_a_batch_comes_with_the_time_limit(int messageLimit, int concurrency, int total)
    {
        var batches = new Inbox<int[]>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("items", e => Batch(e, batches, messageLimit, concurrency, TimeSpan.FromMilliseconds(300))));

        await bus.Bus.PublishBatch(Enumerable.Range(0, total).Select(i => new Item(i)));

        await Eventually.EqualAsync(total, () => batches.Items.Sum(x => x.Length), TimeSpan.FromSeconds(60));
        Assert.All(batches.Items, x => Assert.InRange(x.Length, 1, messageLimit));
        Assert.Equal(Enumerable.Range(0, total), batches.Items.SelectMany(x => x).Order());
        Assert.Equal(total, (await bus.DrainedAsync("items")).Completed);
    }

    [Fact]
    public async Task Batches_run_as_concurrently_as_allowed_and_no_more()
    {
        var running = 0;
        var most = 0;
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var batches = new Inbox<int[]>();
        await using var bus =
            await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("items", e => Batch(e, batches, 10, 3, Never, async _ =>
        {
            var now = Interlocked.Increment(ref running);
            lock (batches)
                most = Math.Max(most, now);
            if (now == 3)
                together.TrySetResult();
            // Held until three are here; so a transport that does not deliver 30 messages at once fails.
            await Eventually.CompletesAsync(together.Task);
            Interlocked.Decrement(ref running);
        })));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 200).Select(i => new Item(i)));

        await batches.WaitAsync(20);
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Consumer_registered_in_the_container_gets_its_prefetch_from_its_batch_options()
    {
        var batches = new Inbox<int[]>();
        await using var bus = await TestBus.StartAsync(_server, (context, cfg) => cfg.ConfigureEndpoints(context), x =>
        {
            x.AddSingleton(batches);
            x.AddConsumer<RegisteredConsumer>(c =>
                c.Options<BatchOptions>(o => o.SetMessageLimit(100).SetConcurrencyLimit(2).SetTimeLimit(Never)))
                .Endpoint(e => e.Name = "items");
        });

        await bus.Bus.PublishBatch(Enumerable.Range(0, 600).Select(i => new Item(i)));

        Assert.All(await batches.WaitAsync(6), x => Assert.Equal(100, x.Length));
        Assert.Equal(Enumerable.Range(0, 600), batches.Items.SelectMany(x => x).Order());
    }

    [Fact]
    public async Task Messages_are_grouped_by_their_key()
    {
        var batches = new Inbox<int[]>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("items", e =>
        {
            e.PrefetchCount = 100;
            e.Consumer(() => new Consumer(batches, null), c => c.Options<BatchOptions>(o =>
                o.SetMessageLimit(10).SetTimeLimit(Never).SetConcurrencyLimit(4).GroupBy<Item, int>(x => x.Message.Id % 4)));
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 80).Select(i => new Item(i)));

        Assert.All(await batches.WaitAsync(8), x => Assert.Single(x.Select(id => id % 4).Distinct()));
        Assert.Equal(Enumerable.Range(0, 80), batches.Items.SelectMany(x => x).Order());
    }

    [Fact]
    public async Task Batch_is_ordered_by_priority_and_place_in_the_queue()
    {
        var batches = new Inbox<int[]>();
        await using var bus = await TestBus.StartAsync(_server);
        foreach (var (id, priority) in new (int, int)[] { (10, 1), (30, 200), (11, 1), (0, 0), (31, 200), (20, 7), (1, 0), (12, 1) })
            await bus.SendAsync("items", new Item(id), x => x.SetPriority(priority));

        await bus.ConnectAsync("items", e => Batch(e, batches, 8, 1, Never));

        var batch = (await batches.WaitAsync(1))[0];
        Assert.Equal((int[])[30, 31, 20, 10, 11, 12, 0, 1], batch);
    }

    [Fact]
    public async Task Large_batches_are_filled_with_the_most_urgent_first()
    {
        var batches = new Inbox<int[]>();
        await using var bus = await TestBus.StartAsync(_server);
        var endpoint = await bus.EndpointAsync("items");
        for (var first = 0; first < 500; first += 100)
        {
            await Task.WhenAll(Enumerable.Range(first, 100).Select(i => endpoint.Send(new Item(i), x => x.SetPriority(i % 5))));
        }

        await bus.ConnectAsync("items", e => Batch(e, batches, 100, 1, Never));

        var seen = await batches.WaitAsync(5);
        Assert.Equal([4, 3, 2, 1, 0], seen.Select(x => Assert.Single(x.Select(id => id % 5).Distinct())));
    }

    internal static void Batch(IRedisReceiveEndpointConfigurator endpoint, Inbox<int[]> batches, int messageLimit, int concurrency,
        TimeSpan timeLimit,
        Func<ConsumeContext<Batch<Item>>, Task>? consume = null)
    {
        endpoint.PrefetchCount = messageLimit * concurrency;
        endpoint.ConcurrentMessageLimit = messageLimit * concurrency;
        endpoint.Consumer(() => new Consumer(batches, consume), c => c.Options<BatchOptions>(o =>
            o.SetMessageLimit(messageLimit).SetConcurrencyLimit(concurrency).SetTimeLimit(timeLimit)));
    }

    sealed class Consumer(Inbox<int[]> batches, Func<ConsumeContext<Batch<Item>>, Task>? consume) : IConsumer<Batch<Item>>
    {
        public async Task Consume(ConsumeContext<Batch<Item>> context)
        {
            if (consume is not null)
                await consume(context);
            await batches.AddAsync([.. context.Message.Select(x => x.Message.Id)]);
        }
    }

    public sealed class RegisteredConsumer(Inbox<int[]> batches) : IConsumer<Batch<Item>>
    {
        public Task Consume(ConsumeContext<Batch<Item>> context) => batches.AddAsync([.. context.Message.Select(x => x.Message.Id)]);
    }
}
