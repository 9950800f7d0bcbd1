using System.Diagnostics;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Bundles;

/// <summary>Webhooks that travel together: faster, and otherwise the same.</summary>
public sealed class BundleTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("bundles");

    [Fact]
    public async Task Webhooks_enqueued_together_share_records_and_are_counted_each()
    {
        await using (await StartAsync<SingleProcessor>())
        {
        }

        await using var sender = await SenderAsync();
        await sender.Queue.EnqueueBatchAsync(Webhooks(1_000), priority: 7);

        Assert.Equal(10, await RedisApp.CountRecordsAsync(redis.Server, _prefix));
        var waiting = await sender.Queue.GetMetricsAsync();
        Assert.Equal((1_000L, 0L, 0L), (waiting.QueueSize, waiting.Processing, waiting.Completed));

        await using var app = await StartAsync<SingleProcessor>();
        await AllSeenOnceAsync(1_000);
        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, Completed: 1_000 },
            message: "all to be counted as completed");
        Assert.Equal(0, await RedisApp.CountRecordsAsync(redis.Server, _prefix));
    }

    [Fact]
    public async Task Webhooks_enqueued_one_by_one_at_the_same_time_travel_together()
    {
        await using (await StartAsync<SingleProcessor>())
        {
        }

        await using var sender = await SenderAsync();
        await Task.WhenAll(Webhooks(500).Select(x => sender.Queue.EnqueueAsync(x)));

        Assert.Equal(500, (await sender.Queue.GetMetricsAsync()).QueueSize);
        Assert.InRange(await RedisApp.CountRecordsAsync(redis.Server, _prefix), 5, 100);
        await using var app = await StartAsync<SingleProcessor>();
        await AllSeenOnceAsync(500);
    }

    [Fact]
    public async Task Bad_webhooks_leave_their_bundle_and_go_their_own_way_with_the_attempt_they_have_had()
    {
        await using var app = await StartAsync<BulkProcessor>(p =>
        {
            p.Retry(r => r.Immediate(2));
            p.Redelivery(r => r.Intervals(20));
        });
        _journal.Answer = x => x.Webhook.Id switch
        {
            "5" => WebhookResult.Retry(reason: "The backend is down."),
            "6" => WebhookResult.Fail("Nobody knows this customer."),
            "7" => WebhookResult.FromException(new InvalidOperationException("It is bad.")),
            _ => WebhookResult.Success(),
        };

        await app.Queue.EnqueueBatchAsync(Webhooks(100).Select(x => x with { Tenant = "acme" }), priority: 9);

        await Eventually.TrueAsync(async () => (await app.Queue.GetMetricsAsync()).DeadLetters == 3, message: "three dead letters");
        Assert.Equal([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)], Attempts("5"));
        Assert.Equal([(0, 0)], Attempts("6"));
        Assert.Equal([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)], Attempts("7"));
        Assert.All(Webhooks(100).Where(x => x.Id is not ("5" or "6" or "7")), x => Assert.Equal(1, _journal.Count(x.Id)));

        var dead = (await app.DeadLetters.ListAsync("hooks")).Entries.ToDictionary(x => x.Webhook!.Id);
        Assert.Equal(["5", "6", "7"], dead.Keys.Order());
        Assert.All(dead.Values,
            x => Assert.Equal((9, "acme", x.Webhook!.GetMessageId()), (x.Priority, x.Headers[WebhookHeaders.Tenant], x.MessageId)));
        Assert.Equal("MassTransit.Webhooks.WebhookRetryException", dead["5"].ExceptionType);
        Assert.Equal(("MassTransit.Webhooks.WebhookFailedException", "Nobody knows this customer."),
            (dead["6"].ExceptionType, dead["6"].FaultMessage));
        Assert.Equal(("System.InvalidOperationException", 3, 1), (dead["7"].ExceptionType, dead["7"].Attempts, dead["7"].Redeliveries));

        _journal.Answer = _ => WebhookResult.Success();
        Assert.Equal(3, await app.DeadLetters.ReplayAllAsync("hooks"));
        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is { DeadLetters: 0, QueueSize: 0, Processing: 0 },
            message: "the replayed to be done");
    }

    [Fact]
    public async Task Bundle_whose_process_died_is_taken_apart_and_nothing_is_lost()
    {
        var dead = new Journal();
        var gate = new TaskCompletionSource();
        // It takes in 200 at most, so that it cannot be the one that gets them again.
        await using var first =
            await StartAsync<HangingProcessor>(p => (p.Workers, p.BatchSize) = (1, 100), x => x.AddSingleton(gate), dead);
        await first.Queue.EnqueueBatchAsync(Webhooks(200));
        await dead.SawAsync(100);
        await Eventually.TrueAsync(async () => (await first.Queue.GetMetricsAsync()).Processing == 200, message: "the first to hold all");

        // Its leases end while it hangs, as those of a process that is gone do.
        await using var second = await StartAsync<SingleProcessor>();
        await RedisApp.EndLeasesAsync(redis.Server, _prefix);

        await AllSeenOnceAsync(200);
        Assert.All(_journal.Seen, x => Assert.True(x.DeliveredBefore));
        gate.SetResult();
        await Eventually.TrueAsync(async () => await second.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, DeadLetters: 0 },
            message: "everything to be settled");
    }

    [Fact]
    public async Task Bundle_larger_than_a_processor_takes_at_a_time_is_shared_among_processes()
    {
        await using (await StartAsync<SingleProcessor>())
        {
        }

        await using (var sender = await SenderAsync())
            await sender.Queue.EnqueueBatchAsync(Webhooks(100));

        var gate = new TaskCompletionSource();
        await using var slow = await StartAsync<HangingProcessor>(p => (p.Workers, p.BatchSize) = (1, 5), x => x.AddSingleton(gate));
        await _journal.SawAsync(1);
        var other = new Journal();
        await using var second = await StartAsync<SingleProcessor>(p => (p.Workers, p.BatchSize) = (1, 5), journal: other);

        // The slow one holds what its prefetch allows, twice what it works on; the others are free.
        await other.SawAsync(80);
        gate.SetResult();
        await Eventually.TrueAsync(() => _journal.Seen.Concat(other.Seen).Select(x => x.Webhook.Id).Distinct().Count() == 100,
            message: "all to be seen");
        Assert.Equal(100, _journal.Seen.Count + other.Seen.Count);
    }

    [Fact]
    public async Task Consumer_that_shares_the_queue_or_has_its_own_sees_every_webhook()
    {
        var shared = new Journal();
        var own = new Journal();
        await using var app =
            await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"),
            x =>
            {
                x.AddSingleton(new Journals(shared, own));
                x.AddConsumer<SharingConsumer>().Endpoint(e => e.Name = "hooks");
            });

        await app.Queue.EnqueueBatchAsync(Webhooks(200));
        await AllSeenOnceAsync(200);
        await shared.SawAsync(200);

        await using var other = await RedisApp.StartAsync(redis.Server, _prefix, new Journal(), _ => { }, x =>
        {
            x.AddSingleton(new Journals(shared, own));
            x.AddConsumer<OwnConsumer>().Endpoint(e => e.Name = "audit");
        });
        await app.Queue.EnqueueBatchAsync(Webhooks(200, from: 200));
        await AllSeenOnceAsync(400);
        await own.SawAsync(200);
        Assert.Equal(200, own.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    [Fact]
    public async Task Without_bundling_every_webhook_is_a_message_and_bundles_of_others_are_taken_apart()
    {
        await using (await StartAsync<SingleProcessor>())
        {
        }

        await using (var sender = await SenderAsync(w => w.Bundling = false))
            await sender.Queue.EnqueueBatchAsync(Webhooks(200));
        Assert.Equal(200, await RedisApp.CountRecordsAsync(redis.Server, _prefix));

        await using (var sender = await SenderAsync())
            await sender.Queue.EnqueueBatchAsync(Webhooks(200, from: 200));
        Assert.Equal(202, await RedisApp.CountRecordsAsync(redis.Server, _prefix));

        var observer = new CountingObserver();
        await using var app =
            await StartAsync<SingleProcessor>(webhooks: w => w.Bundling = false, register: x => x.AddConsumeObserver(_ => observer));
        await AllSeenOnceAsync(400);
        await Eventually.EqualAsync(400, () => observer.Webhooks);
    }

    [Fact]
    public async Task Webhook_whose_activity_is_recorded_travels_alone()
    {
        await using (await StartAsync<SingleProcessor>())
        {
        }

        await using var sender = await SenderAsync();
        using (var activity = new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start())
            await sender.Queue.EnqueueBatchAsync(Webhooks(50));

        Assert.Equal(50, await RedisApp.CountRecordsAsync(redis.Server, _prefix));
    }

    [Fact]
    public async Task Large_webhooks_share_a_record_only_as_far_as_it_pays()
    {
        await using (await StartAsync<SingleProcessor>())
        {
        }

        await using var sender = await SenderAsync();
        await sender.Queue.EnqueueBatchAsync(Webhooks(20).Select(x => x with { Body = new byte[100_000] }));

        Assert.InRange(await RedisApp.CountRecordsAsync(redis.Server, _prefix), 7, 20);
        await using var app = await StartAsync<SingleProcessor>();
        await AllSeenOnceAsync(20);
        Assert.All(_journal.Seen, x => Assert.Equal(100_000, x.Webhook.Body.Length));
    }

    [Fact]
    public async Task Stopped_processor_gives_back_what_it_has_not_done()
    {
        var gate = new TaskCompletionSource();
        var first = new Journal();
        await using (var app = await StartAsync<HangingProcessor>(services: x => x.AddSingleton(gate), journal: first))
        {
            await app.Queue.EnqueueBatchAsync(Webhooks(300));
            await first.SawAsync(100);
        }

        await using var second = await StartAsync<SingleProcessor>();
        await AllSeenOnceAsync(300);
        await Eventually.TrueAsync(async () => await second.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, DeadLetters: 0 },
            message: "everything to be settled");
    }

    IEnumerable<(int, int)> Attempts(string id) => _journal.Seen.Where(x => x.Webhook.Id == id).Select(x => (x.Attempt, x.RedeliveryCount));

    async Task AllSeenOnceAsync(int count)
    {
        await _journal.SawAsync(count);
        Assert.Equal(count, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(count, _journal.Seen.Count);
    }

    static IEnumerable<Webhook> Webhooks(int count, int from = 0) =>
        Enumerable.Range(from, count).Select(x => new Webhook { Id = $"{x}", Receiver = "orders", Body = [1, 2, 3] });

    Task<RedisApp> SenderAsync(Action<IWebhookConfigurator>? webhooks = null) =>
        RedisApp.StartAsync(redis.Server, _prefix, new Journal(), webhooks ?? (_ => { }));

    Task<RedisApp> StartAsync<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null,
        Action<IServiceCollection>? services = null,
        Journal? journal = null, Action<IWebhookConfigurator>? webhooks = null, Action<IBusRegistrationConfigurator>? register = null)
        where TProcessor : class, IWebhookProcessor =>
        RedisApp.StartAsync(redis.Server, _prefix, journal ?? _journal, w =>
        {
            webhooks?.Invoke(w);
            w.AddProcessor<TProcessor>(p =>
            {
                p.QueueName = "hooks";
                configure?.Invoke(p);
            });
        }, x =>
        {
            services?.Invoke(x);
            register?.Invoke(x);
        });

    sealed record Journals(Journal Shared, Journal Own);

    sealed class SharingConsumer(Journals journals) : IConsumer<Webhook>
    {
        public Task Consume(ConsumeContext<Webhook> context)
        {
            journals.Shared.Seen.Enqueue(new WebhookContext(context.Message, 0, 0, false));
            return Task.CompletedTask;
        }
    }

    sealed class OwnConsumer(Journals journals) : IConsumer<Webhook>
    {
        public Task Consume(ConsumeContext<Webhook> context)
        {
            journals.Own.Seen.Enqueue(new WebhookContext(context.Message, 0, 0, false));
            return Task.CompletedTask;
        }
    }

    /// <summary>Sees a batch and does nothing until the gate opens or it is cancelled.</summary>
    sealed class HangingProcessor(Journal journal, TaskCompletionSource gate) : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            (await ProcessBatchAsync([webhook], cancellationToken))[0];

        public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            foreach (var webhook in batch)
                journal.Seen.Enqueue(webhook);
            await gate.Task.WaitAsync(cancellationToken);
            return [.. batch.Select(_ => WebhookResult.Success())];
        }
    }

    sealed class CountingObserver : IConsumeObserver
    {
        int _webhooks;

        public int Webhooks => Volatile.Read(ref _webhooks);

        public Task PreConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class
        {
            if (typeof(T) == typeof(Webhook))
                Interlocked.Increment(ref _webhooks);
            return Task.CompletedTask;
        }

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
