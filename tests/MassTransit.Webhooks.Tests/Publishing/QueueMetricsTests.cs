using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Publishing;

/// <summary>What <see cref="IWebhookQueue.GetMetricsAsync"/> counts, of all processes together.</summary>
public sealed class QueueMetricsTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("counts");

    [Fact]
    public async Task Every_webhook_is_counted_once_wherever_it_is()
    {
        var gate = new Gate();
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<GatedProcessor>(p =>
        {
            p.QueueName = "hooks";
            p.Workers = 1;
            p.BatchSize = 2;
            p.BatchTimeLimit = TimeSpan.Zero;
        }), services: x => x.AddSingleton(gate));
        // Another process, which only sends, sees the same.
        await using var sender = await RedisApp.StartAsync(redis.Server, _prefix, _journal);
        _journal.Answer = x => x.Webhook.EventType switch
        {
            "later" => WebhookResult.Retry(TimeSpan.FromHours(1)),
            "never" => WebhookResult.Fail("Nobody knows this customer."),
            "unwanted" => WebhookResult.Discard("Not ours."),
            _ => WebhookResult.Success(),
        };

        Assert.Equal(new WebhookQueueCounts("hooks", 0, 0, 0, 0, 0), Assert.Single((await sender.Queue.GetMetricsAsync()).Queues));
        await sender.Queue.EnqueueBatchAsync(Enumerable.Range(0, 20).Select(x => new Webhook
        {
            Id = $"{x}",
            EventType = (x % 10) switch { 0 => "later", 1 => "never", 2 => "unwanted", _ => "done" },
        }));
        await _journal.SawAsync(1);

        var held = await sender.Queue.GetMetricsAsync();
        Assert.Equal(20, held.QueueSize + held.Processing);
        Assert.InRange(held.Processing, 1, 20);
        Assert.Equal((0L, 0L, 0L), (held.Delayed, held.DeadLetters, held.Completed));

        gate.Open.SetResult();
        await Eventually.TrueAsync(async () =>
            await sender.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, Delayed: 2, DeadLetters: 2, Completed: >= 16 },
            message: "2 delayed, 2 dead, and 16 completed");
        Assert.Equal(await sender.Queue.GetMetricsAsync() is var done ? done.Completed : 0, (await app.Queue.GetMetricsAsync()).Completed);
    }

    [Fact]
    public async Task Each_queue_is_counted_and_others_are_not()
    {
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w =>
        {
            w.AddProcessor<SingleProcessor>(p => p.QueueName = "one");
            w.AddProcessor<BulkProcessor>(p => p.QueueName = "two");
        }, bus: (_, cfg) => cfg.ReceiveEndpoint("pings", e => e.Handler<Ping>(_ => throw new InvalidOperationException("It is bad."))));

        await app.Bus.Publish(new Ping());
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 30).Select(x => new Webhook { Id = $"{x}" }));

        await Eventually.TrueAsync(async () => (await app.Queue.GetMetricsAsync()).Completed == 60, message: "both to have consumed all");
        Assert.Equal([new("one", 0, 0, 0, 0, 30), new WebhookQueueCounts("two", 0, 0, 0, 0, 30)],
            (await app.Queue.GetMetricsAsync()).Queues.OrderBy(x => x.Queue));
        Assert.Equal(0, (await app.Queue.GetMetricsAsync()).DeadLetters);
    }

    [Fact]
    public async Task Transport_that_cannot_look_into_queues_says_so_with_the_cure()
    {
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks();
            x.UsingInMemory();
        });

        var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => app.Queue.GetMetricsAsync());
        Assert.Contains("w.UseRedis()", refusal.Message, StringComparison.Ordinal);
    }

    public sealed record Ping;

    sealed class Gate
    {
        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    sealed class GatedProcessor(Journal journal, Gate gate) : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            journal.Seen.Enqueue(webhook);
            await gate.Open.Task.WaitAsync(cancellationToken);
            return journal.Answer(webhook);
        }
    }
}
