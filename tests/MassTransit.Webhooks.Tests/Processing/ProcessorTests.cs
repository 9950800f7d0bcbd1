using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Processing;

public sealed class ProcessorTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();

    [Fact]
    public async Task Webhook_reaches_its_processor_byte_for_byte()
    {
        await using var app = await StartAsync<SingleProcessor>();
        var body = Enumerable.Range(0, 256).Select(x => (byte)x).ToArray();
        var received = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        await app.Queue.EnqueueAsync(new Webhook
        {
            Id = "w1",
            Receiver = "github",
            EventType = "push",
            ReceivedAt = received,
            ContentType = "application/json",
            Tenant = "acme",
            Headers = new Dictionary<string, string> { ["x-github-event"] = "push" },
            Body = body,
        }, priority: 7);

        await _journal.SawAsync(1);
        var (webhook, attempt, redelivery, redelivered) = Assert.Single(_journal.Seen);
        Assert.Equal(("w1", "github", "push", received, "application/json", "acme"),
            (webhook.Id, webhook.Receiver, webhook.EventType, webhook.ReceivedAt, webhook.ContentType, webhook.Tenant));
        Assert.Equal("push", webhook.Headers["x-github-event"]);
        Assert.Equal(body, webhook.Body);
        Assert.Equal((0, 0, false), (attempt, redelivery, redelivered));
    }

    [Fact]
    public async Task Thousands_come_in_batches_each_once()
    {
        await using var app = await StartAsync<BulkProcessor>(p =>
        {
            p.BatchSize = 50;
            p.BatchTimeLimit = TimeSpan.FromMilliseconds(200);
        });

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 3_000).Select(x => new Webhook { Id = $"{x}", Receiver = "orders" }));

        await _journal.SawAsync(3_000);
        Assert.Equal(3_000, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.All(_journal.Batches, x => Assert.InRange(x, 1, 50));
        Assert.Contains(50, _journal.Batches);
    }

    [Fact]
    public async Task Without_a_time_limit_nothing_waits_while_a_worker_is_free_and_batches_grow_while_all_are_busy()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await WebhookApp.OnRedisAsync(redis.Server, w =>
            w.AddProcessor<GatedProcessor>(p =>
            {
                p.Workers = 1;
                p.BatchSize = 50;
                p.BatchTimeLimit = TimeSpan.Zero;
            }), x => x.AddSingleton(_journal).AddSingleton(gate));

        await app.Queue.EnqueueAsync(new Webhook { Id = "first" });
        await _journal.SawAsync(1);
        // They travel together, so they come together, and two such groups while the worker is busy.
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 20).Select(x => new Webhook { Id = $"{x}" }));
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(20, 20).Select(x => new Webhook { Id = $"{x}" }));
        await Eventually.TrueAsync(async () => (await app.Queue.GetMetricsAsync()).Processing == 41, message: "all to be held");
        gate.SetResult();

        await _journal.SawAsync(41);
        Assert.Equal(41, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(1, _journal.Batches.First());
        Assert.InRange(_journal.Batches.Count, 2, 3);
    }

    [Fact]
    public async Task One_bad_webhook_is_retried_alone_and_the_others_are_not_repeated()
    {
        await using var app = await StartAsync<SingleProcessor>(p =>
        {
            p.BatchSize = 10;
            p.BatchTimeLimit = TimeSpan.FromMilliseconds(500);
            p.Retry(r => r.Immediate(2));
            p.Redelivery(r => r.None());
        });
        _journal.Answer = x => x.Webhook.Id == "bad" ? throw new InvalidOperationException("It is bad.") : WebhookResult.Success();

        await app.Queue.EnqueueBatchAsync([.. Enumerable.Range(0, 9).Select(x => new Webhook { Id = $"{x}" }), new Webhook { Id = "bad" }]);

        await _journal.SawAsync(12);
        Assert.Equal([0, 1, 2], _journal.Seen.Where(x => x.Webhook.Id == "bad").Select(x => x.Attempt));
        Assert.All(Enumerable.Range(0, 9), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    [Fact]
    public async Task Batch_that_throws_as_a_whole_is_taken_apart_so_that_only_the_bad_one_fails()
    {
        var dead = new Journal();
        await using var app = await StartAsync<BulkProcessor>(p =>
        {
            p.BatchSize = 10;
            p.BatchTimeLimit = TimeSpan.FromMilliseconds(500);
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
        }, dead);
        _journal.Answer = x => x.Webhook.Id == "bad" ? throw new InvalidOperationException("It is bad.") : WebhookResult.Success();

        await app.Queue.EnqueueBatchAsync([.. Enumerable.Range(0, 9).Select(x => new Webhook { Id = $"{x}" }), new Webhook { Id = "bad" }]);

        await dead.SawAsync(1);
        Assert.Equal("bad", Assert.Single(dead.Seen).Webhook.Id);
        Assert.Equal("System.InvalidOperationException", Assert.Single(dead.FaultTypes));
        await Eventually.TrueAsync(() => Enumerable.Range(0, 9).All(x => _journal.Count($"{x}") == 1),
            message: "the others to be processed");
    }

    [Fact]
    public async Task Failed_webhook_is_dead_lettered_at_once_and_a_discarded_one_is_gone()
    {
        var dead = new Journal();
        await using var app = await StartAsync<SingleProcessor>(p => p.Retry(r => r.Immediate(5)), dead);
        _journal.Answer = x =>
            x.Webhook.Id == "fails" ? WebhookResult.Fail("Nobody knows this customer.") : WebhookResult.Discard("Not ours.");

        await app.Queue.EnqueueBatchAsync([new Webhook { Id = "fails" }, new Webhook { Id = "discarded" }]);

        await dead.SawAsync(1);
        await _journal.SawAsync(2);
        Assert.Equal("fails", Assert.Single(dead.Seen).Webhook.Id);
        Assert.Equal(1, _journal.Count("fails"));
        Assert.Equal(1, _journal.Count("discarded"));
    }

    [Fact]
    public async Task Failing_webhook_goes_through_retries_and_redeliveries_to_the_dead_letters()
    {
        var dead = new Journal();
        await using var app = await StartAsync<SingleProcessor>(p =>
        {
            p.Retry(r => r.Immediate(1));
            p.Redelivery(r => r.Intervals(50, 50));
        }, dead);
        _journal.Answer = _ => WebhookResult.Retry(reason: "The backend is down.");

        await app.Queue.EnqueueAsync(new Webhook { Id = "w" });

        await dead.SawAsync(1);
        Assert.Equal([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)], _journal.Seen.Select(x => (x.Attempt, x.RedeliveryCount)));
    }

    [Fact]
    public async Task Processor_may_ask_for_a_later_attempt_but_not_for_ever()
    {
        var dead = new Journal();
        await using var app = await StartAsync<SingleProcessor>(p => p.MaxRedeliveries = 3, dead);
        _journal.Answer = _ => WebhookResult.Retry(TimeSpan.FromMilliseconds(20));

        await app.Queue.EnqueueAsync(new Webhook { Id = "w" });

        await dead.SawAsync(1);
        Assert.Equal([0, 1, 2, 3], _journal.Seen.Select(x => x.RedeliveryCount));
    }

    [Fact]
    public async Task Processor_takes_only_what_it_asked_for()
    {
        await using var app = await StartAsync<SingleProcessor>(p =>
        {
            p.Receivers("github", "stripe");
            p.EventTypes("push", "invoice.paid");
            p.Where(x => x.Tenant != "nobody");
        });

        await app.Queue.EnqueueBatchAsync([
            new Webhook { Id = "1", Receiver = "GitHub", EventType = "push" },
            new Webhook { Id = "2", Receiver = "orders", EventType = "push" },
            new Webhook { Id = "3", Receiver = "stripe", EventType = "charge.failed" },
            new Webhook { Id = "4", Receiver = "stripe", EventType = "invoice.paid", Tenant = "nobody" },
            new Webhook { Id = "5", Receiver = "stripe", EventType = "invoice.paid" },
        ]);

        await _journal.SawAsync(2);
        Assert.Equal(["1", "5"], _journal.Seen.Select(x => x.Webhook.Id).Order());
    }

    [Fact]
    public async Task Statistics_tell_what_the_processor_did()
    {
        await using var app = await StartAsync<SingleProcessor>(p => p.Workers = 4);
        _journal.Answer = x => x.Webhook.Id == "0" ? WebhookResult.Discard("Not ours.") : WebhookResult.Success();

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 100)
            .Select(x => new Webhook { Id = $"{x}", ReceivedAt = TimeProvider.System.GetUtcNow() }));

        await Eventually.TrueAsync(() => app.Statistics.Read()[0].Succeeded == 99, message: "99 to be counted");
        var statistics = Assert.Single(app.Statistics.Read());
        Assert.Equal(("SingleProcessor", 1L, 0L, 0L, 4),
            (statistics.Processor, statistics.Discarded, statistics.Failed, statistics.Retried, statistics.WorkerLimit));
        Assert.Equal(0.99, statistics.SuccessRate, 3);
        Assert.True(statistics.Percentile99Latency >= statistics.MedianLatency && statistics.MedianLatency > TimeSpan.Zero);
        Assert.True(statistics.Throughput > 0);
    }

    [Fact]
    public void Bad_option_names_itself_and_the_cure()
    {
        var services = new ServiceCollection();

        var refusal = Assert.Throws<ConfigurationException>(() =>
            services.AddMassTransit(x => x.AddWebhooks(w => w.AddProcessor<SingleProcessor>(p => p.BatchSize = 0))));

        Assert.Contains("In the webhook processor SingleProcessor, BatchSize is 0: choose 1 to 1,000.", refusal.Message,
            StringComparison.Ordinal);
    }

    Task<WebhookApp> StartAsync<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null, Journal? dead = null)
        where TProcessor : class, IWebhookProcessor =>
        WebhookApp.OnRedisAsync(redis.Server, w => w.AddProcessor<TProcessor>(p =>
        {
            p.QueueName = "hooks";
            configure?.Invoke(p);
        }), services => services.AddSingleton(_journal), (_, cfg) =>
        {
            if (dead is null)
                return;

            cfg.ReceiveEndpoint("hooks_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Webhook>(context =>
                {
                    dead.FaultTypes.Enqueue(context.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.FaultExceptionType) ?? "");
                    dead.Seen.Enqueue(new WebhookContext(context.Message, 0, 0, false));
                    return Task.CompletedTask;
                });
            });
        });

    /// <summary>Holds its batches until the gate opens.</summary>
    sealed class GatedProcessor(Journal journal, TaskCompletionSource gate) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            journal.Batches.Enqueue(batch.Count);
            foreach (var webhook in batch)
                journal.Seen.Enqueue(webhook);
            await gate.Task.WaitAsync(cancellationToken);
            return [.. batch.Select(_ => WebhookResult.Success())];
        }
    }
}
