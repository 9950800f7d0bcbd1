using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>
/// A processor's endpoint begins all that it holds, and most of it waits for a worker. A pause must give that back, past retries,
/// redelivery and error queues.
/// </summary>
public sealed class PauseTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly RedisActor By = new("tests", "a pause");

    readonly Journal _journal = new();
    readonly Gate _gate = new();
    readonly Others _others = new();
    readonly string _prefix = TestNames.Unique("pause");

    public static TheoryData<string> Pipelines => ["plain", "retry", "redelivery", "outbox", "swallowing filter"];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task Batches_at_work_end_and_all_others_go_back_with_no_delivery_counted(string pipeline)
    {
        // Only full batches, so that it is known which webhooks are at work.
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize, p.BatchTimeLimit) = (2, 10, TimeSpan.FromSeconds(10)),
            w => w.Bundling = false, pipeline);
        await EnqueueOneByOneAsync(app, 100);
        // Two batches at work and two that wait for a worker: all that the endpoint holds.
        await CountsAsync(app, ready: 60, leased: 40);
        await Eventually.EqualAsync(2, () => _gate.AtWork);

        await app.Queues.PauseAsync("hooks", By);

        await CountsAsync(app, ready: 80, leased: 20);
        Assert.Equal(20, _journal.Seen.Count);
        _gate.Open();
        Assert.True((await app.Queues.WaitForPauseAsync("hooks", TimeSpan.FromSeconds(20))).Done);
        Assert.Equal(20, _journal.Seen.Count);
        await CountsAsync(app, ready: 80, leased: 0);

        await app.Queues.ResumeAsync("hooks", By);
        await _journal.SawAsync(100);
        await CountsAsync(app, ready: 0, leased: 0);
        Assert.Equal(Enumerable.Range(0, 100).Select(x => $"{x:000}"), _journal.Seen.Select(x => x.Webhook.Id).Order());
        Assert.All(_journal.Seen, x => Assert.Equal((0, 0, false), (x.Attempt, x.RedeliveryCount, x.DeliveredBefore)));
        Assert.Equal(0, (await app.Queues.GetAsync("hooks")).DeadLetters);
        Assert.Equal(0, (await app.Queues.GetAsync("hooks")).Delayed);
    }

    [Fact]
    public async Task Bundles_that_no_worker_has_begun_go_back_whole_and_come_again_as_bundles()
    {
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize) = (2, 10));
        for (var i = 0; i < 8; i++)
            await app.Queue.EnqueueBatchAsync(Enumerable.Range(10 * i, 10).Select(x => new Webhook { Id = $"{x:000}" }));
        await CountsAsync(app, ready: 40, leased: 40);
        await Eventually.EqualAsync(2, () => _gate.AtWork);

        await app.Queues.PauseAsync("hooks", By);

        await CountsAsync(app, ready: 60, leased: 20);
        Assert.Equal(8, await RedisApp.CountRecordsAsync(redis.Server, _prefix));
        _gate.Open();
        Assert.True((await app.Queues.WaitForPauseAsync("hooks", TimeSpan.FromSeconds(20))).Done);
        Assert.Equal(20, _journal.Seen.Count);

        await app.Queues.ResumeAsync("hooks", By);
        await _journal.SawAsync(80);
        await CountsAsync(app, ready: 0, leased: 0);
        Assert.Equal(80, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(80, _journal.Seen.Count);
        Assert.All(_journal.Batches, x => Assert.Equal(10, x));
    }

    [Fact]
    public async Task Of_a_bundle_that_has_begun_in_part_the_rest_goes_back()
    {
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize) = (2, 10));
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 10).Select(x => new Webhook { Id = $"{x:000}" }));
        await Eventually.EqualAsync(1, () => _gate.AtWork);
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(10, 15).Select(x => new Webhook { Id = $"{x:000}" }));
        await Eventually.EqualAsync(2, () => _gate.AtWork);
        var statistics = app.Services.GetRequiredService<IWebhookStatistics>();
        await Eventually.EqualAsync(1, () => statistics.Read()[0].WaitingBatches);

        await app.Queues.PauseAsync("hooks", By);
        await Eventually.EqualAsync(0, () => statistics.Read()[0].WaitingBatches);
        _gate.Open();
        Assert.True((await app.Queues.WaitForPauseAsync("hooks", TimeSpan.FromSeconds(20))).Done);

        Assert.Equal(20, _journal.Seen.Count);
        await CountsAsync(app, ready: 5, leased: 0);
        await app.Queues.ResumeAsync("hooks", By);
        await _journal.SawAsync(25);
        await CountsAsync(app, ready: 0, leased: 0);
        Assert.Equal(25, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(25, _journal.Seen.Count);
    }

    [Fact]
    public async Task Retries_in_memory_of_what_has_begun_go_on()
    {
        _journal.Answer = x => x.Attempt == 0 ? WebhookResult.Retry(reason: "once more") : WebhookResult.Success();
        await using var app = await StartAsync(p =>
        {
            (p.Workers, p.BatchSize) = (1, 1);
            p.Retry(r => r.Immediate(3));
        }, w => w.Bundling = false);
        await EnqueueOneByOneAsync(app, 3);
        await Eventually.EqualAsync(1, () => _gate.AtWork);

        await app.Queues.PauseAsync("hooks", By);
        await CountsAsync(app, ready: 2, leased: 1);
        _gate.Open();

        Assert.True((await app.Queues.WaitForPauseAsync("hooks", TimeSpan.FromSeconds(20))).Done);
        Assert.Equal(["000", "000"], _journal.Seen.Select(x => x.Webhook.Id));
        await CountsAsync(app, ready: 2, leased: 0);
    }

    [Fact]
    public async Task A_webhook_that_another_consumer_of_the_queue_has_begun_does_not_go_back()
    {
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize) = (1, 1), w => w.Bundling = false, pipeline: "other consumer");
        await EnqueueOneByOneAsync(app, 4);
        await CountsAsync(app, ready: 2, leased: 2);
        await Eventually.EqualAsync(2, () => _others.Seen);

        await app.Queues.PauseAsync("hooks", By);
        _gate.Open();

        Assert.True((await app.Queues.WaitForPauseAsync("hooks", TimeSpan.FromSeconds(20))).Done);
        Assert.Equal(2, _journal.Seen.Count);
        Assert.Equal(2, _others.Seen);
        await CountsAsync(app, ready: 2, leased: 0);
    }

    [Fact]
    public async Task Workers_and_window_move_to_what_an_operator_sets_within_the_ceiling_and_back()
    {
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize, p.WorkerCeiling) = (3, 1, 12), w => w.Bundling = false);
        await EnqueueOneByOneAsync(app, 200);
        await Eventually.EqualAsync(3, () => _gate.AtWork);
        await CountsAsync(app, ready: 194, leased: 6);

        await app.Queues.SetWorkersAsync("hooks", 40, By);
        await Eventually.EqualAsync(12, () => _gate.AtWork);
        await CountsAsync(app, ready: 176, leased: 24);

        await app.Queues.SetWorkersAsync("hooks", 2, By);
        await Eventually.EqualAsync(2, () => Limit(app));
        await _gate.PassAsync(12);
        await Eventually.EqualAsync(2, () => _gate.AtWork);

        await app.Queues.ResetControlAsync("hooks", By);
        await Eventually.EqualAsync(3, () => _gate.AtWork);
        _gate.Open();
        await _journal.SawAsync(200);
        Assert.Equal(200, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(200, _journal.Seen.Count);
    }

    [Fact]
    public async Task While_a_limit_is_set_no_batch_is_fetched_that_no_worker_can_begin()
    {
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize) = (2, 5), w => w.Bundling = false);
        await app.Queue.EnqueueAsync(new Webhook { Id = "first" });
        await Eventually.EqualAsync(1, () => _gate.AtWork);

        // In a pause, so that the limit holds from the first webhook on.
        await app.Queues.PauseAsync("hooks", By);
        await app.Queues.SetLimitAsync("hooks", 1_000, By);
        await EnqueueOneByOneAsync(app, 30);
        await app.Queues.ResumeAsync("hooks", By);

        await CountsAsync(app, ready: 21, leased: 10);
        _gate.Open();
        await CountsAsync(app, ready: 0, leased: 0);
    }

    [Fact]
    public async Task What_has_waited_through_a_pause_is_no_latency_of_the_processor()
    {
        await using var app = await StartAsync(p => (p.Workers, p.BatchSize) = (1, 1), w => w.Bundling = false);
        for (var i = 0; i < 2; i++)
            await app.Queue.EnqueueAsync(new Webhook { Id = $"before {i}", ReceivedAt = DateTimeOffset.UtcNow });
        await CountsAsync(app, ready: 0, leased: 2);
        await Eventually.EqualAsync(1, () => _gate.AtWork);
        await app.Queues.PauseAsync("hooks", By);
        await CountsAsync(app, ready: 1, leased: 1);
        for (var i = 0; i < 49; i++)
            await app.Queue.EnqueueAsync(new Webhook { Id = $"{i}", ReceivedAt = DateTimeOffset.UtcNow - TimeSpan.FromHours(1) });
        _gate.Open();
        await app.Queues.ResumeAsync("hooks", By);
        await _journal.SawAsync(51);

        var statistics = app.Services.GetRequiredService<IWebhookStatistics>().Read()[0];
        Assert.Equal(51, statistics.Succeeded);
        Assert.True(statistics.Percentile99Latency < TimeSpan.FromMinutes(1), $"p99 {statistics.Percentile99Latency}");
    }

    [Fact]
    public async Task Pauses_and_a_limit_under_load_in_three_processes_lose_and_double_nothing()
    {
        const int limit = 50, rounds = 4, perRound = 300;
        _gate.Open();
        await using var one = await StartAsync(p => (p.Workers, p.BatchSize) = (4, 20));
        await using var two = await StartAsync(p => (p.Workers, p.BatchSize) = (4, 20));
        await using var three = await StartAsync(p => (p.Workers, p.BatchSize) = (4, 20));
        await one.Queues.SetLimitAsync("hooks", limit, By);
        long leased = 0;
        for (var round = 0; round < rounds; round++)
        {
            var first = round * perRound;
            for (var i = first; i < first + perRound; i += 30)
                await one.Queue.EnqueueBatchAsync(Enumerable.Range(i, 30).Select(x => new Webhook { Id = $"{x:0000}" }));
            await two.Queues.PauseAsync("hooks", By);
            Assert.True((await three.Queues.WaitForPauseAsync("hooks", TimeSpan.FromSeconds(30))).Done);

            var seen = _journal.Seen.Count;
            await one.Queue.EnqueueAsync(new Webhook { Id = $"paused {round}" });
            Assert.Equal(0, (await one.Queues.GetAsync("hooks")).Leased);
            Assert.Equal(seen, _journal.Seen.Count);

            await one.Queues.ResumeAsync("hooks", By);
        }

        // The limit is looked at while all processes work.
        await Eventually.TrueAsync(async () =>
        {
            leased = Math.Max(leased, (await one.Queues.GetAsync("hooks")).Leased);
            return _journal.Seen.Count >= rounds * (perRound + 1);
        }, message: "the processors to see them all");
        await CountsAsync(one, ready: 0, leased: 0);
        Assert.Equal(rounds * (perRound + 1), _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(rounds * (perRound + 1), _journal.Seen.Count);
        Assert.DoesNotContain(_journal.Seen, x => x.DeliveredBefore);
        Assert.InRange(leased, 0, limit + 255);
        Assert.Equal(0, (await one.Queues.GetAsync("hooks")).DeadLetters);
    }

    static int Limit(RedisApp app) => app.Services.GetRequiredService<IWebhookStatistics>().Read() is [var x] ? x.WorkerLimit : 0;

    async Task EnqueueOneByOneAsync(RedisApp app, int count)
    {
        for (var i = 0; i < count; i++)
            await app.Queue.EnqueueAsync(new Webhook { Id = $"{i:000}", Tenant = _prefix });
    }

    static Task CountsAsync(RedisApp app, long ready, long leased) => Eventually.EqualAsync((ready, leased), async () =>
    {
        var info = await app.Queues.GetAsync("hooks");
        return (info.Ready, info.Leased);
    }, message: "ready and leased");

    Task<RedisApp> StartAsync(Action<IWebhookProcessorConfigurator> configure, Action<IWebhookConfigurator>? webhooks = null,
        string pipeline = "plain") =>
        RedisApp.StartAsync(redis.Server, _prefix, _journal, w =>
        {
            webhooks?.Invoke(w);
            w.AddProcessor<GatedProcessor>(p =>
            {
                p.QueueName = "hooks";
                configure(p);
            });
        }, x =>
        {
            x.AddSingleton(_gate);
            x.AddSingleton(_others);
            if (pipeline == "other consumer")
                x.AddConsumer<OtherConsumer>().Endpoint(e => e.Name = "hooks");
            x.AddConfigureEndpointsCallback((context, _, endpoint) =>
            {
                switch (pipeline)
                {
                    case "retry":
                        endpoint.UseMessageRetry(r => r.Immediate(5));
                        break;
                    case "redelivery":
                        endpoint.UseDelayedRedelivery(r => r.Intervals(10, 10, 10));
                        endpoint.UseMessageRetry(r => r.Interval(2, 10));
                        break;
                    case "outbox":
                        endpoint.UseInMemoryOutbox(context);
                        break;
                    case "swallowing filter":
                        endpoint.UseConsumeFilter(typeof(SwallowingFilter<>), context);
                        break;
                }
            });
        });

    sealed class SwallowingFilter<T> : IFilter<ConsumeContext<T>>
        where T : class
    {
        public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
        {
            try
            {
                await next.Send(context);
            }
            catch (Exception)
            {
                // As some applications do.
            }
        }

        public void Probe(ProbeContext context)
        {
        }
    }

    sealed class Others
    {
        int _seen;

        public int Seen => Volatile.Read(ref _seen);

        public void See() => Interlocked.Increment(ref _seen);
    }

    sealed class OtherConsumer(Others others) : IConsumer<Webhook>
    {
        public Task Consume(ConsumeContext<Webhook> context)
        {
            others.See();
            return Task.CompletedTask;
        }
    }

    /// <summary>Lets batches through one by one, or all of them once it is open.</summary>
    sealed class Gate
    {
        readonly SemaphoreSlim _permits = new(0);
        readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int _atWork;

        public int AtWork => Volatile.Read(ref _atWork);

        public void Open() => _open.TrySetResult();

        public async Task PassAsync(int batches)
        {
            _permits.Release(batches);
            await Eventually.EqualAsync(0, () => _permits.CurrentCount);
        }

        public async Task EnterAsync()
        {
            Interlocked.Increment(ref _atWork);
            await Task.WhenAny(_open.Task, _permits.WaitAsync());
            Interlocked.Decrement(ref _atWork);
        }
    }

    sealed class GatedProcessor(Journal journal, Gate gate) : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            (await ProcessBatchAsync([webhook], cancellationToken))[0];

        public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            journal.Batches.Enqueue(batch.Count);
            foreach (var webhook in batch)
                journal.Seen.Enqueue(webhook);
            await gate.EnterAsync();
            return [.. batch.Select(journal.Answer)];
        }
    }
}
