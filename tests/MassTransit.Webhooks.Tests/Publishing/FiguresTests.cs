using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Tests.Publishing;

/// <summary>Whatever counts messages counts each webhook of a bundle: once a dashboard showed 2,626 of 6,400.</summary>
public sealed class FiguresTests(AnyRedis redis) : IClassFixture<AnyRedis>, IDisposable
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("figures");
    readonly string _queue = TestNames.Unique("hooks");
    readonly Measurements _measured = new("MassTransit.RedisTransport");

    [Fact]
    public async Task Every_figure_is_that_of_a_full_count_while_bundles_are_in_every_state()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var plain = _queue + "-plain";
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<HangingProcessor>(p =>
        {
            p.QueueName = _queue;
            (p.Workers, p.BatchSize) = (1, 100);
        }), services: x =>
        {
            x.AddSingleton(gate);
            x.AddHealthChecks().AddRedisTransport(o => (o.MaxReady, o.MaxDeadLetters) = (299, 99_999))
                .AddRedisTransport(o => (o.MaxReady, o.MaxDeadLetters) = (99_999, 109), "dead");
        }, bus: (_, cfg) => cfg.ReceiveEndpoint(plain, e => e.Handler<Ping>(_ => Task.CompletedTask)), host: h =>
            h.DepthInterval = TimeSpan.FromMilliseconds(100));

        // 200 are held, and 300 more wait; 40 are delayed; 30 are damaged, 80 come back from there as dead again; nobody consumes 70.
        await SendAsync(Bundle(30) with { Count = 3 }, 30);
        await SendAsync(Bundle(80) with { Count = 8 }, 80);
        await DeadAsync(_queue, 110);
        await app.Queue.EnqueueBatchAsync(Webhooks(500));
        await SendAsync(Bundle(40), 40, TimeSpan.FromHours(1));
        var endpoint = await app.Bus.GetSendEndpoint(new Uri($"queue:{plain}"));
        await endpoint.Send(Bundle(70), x => Weigh(x, 70));
        await DeadAsync(plain, 70);
        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is { Processing: 200, QueueSize: 300 },
            message: "200 to be held");

        await AssertFiguresAsync(_queue, 300, 40, 200, 110, 0);
        await AssertFiguresAsync(plain, 0, 0, 0, 0, 70);
        Assert.Equal(650, _measured.Sum("masstransit.redis.sent", $"queue={_queue}"));
        Assert.Equal(310, _measured.Sum("masstransit.redis.delivered", $"queue={_queue}"));
        Assert.Equal(310, _measured.Sum("masstransit.redis.group.size", $"queue={_queue} operation=lease"));
        Assert.Equal(650, _measured.Sum("masstransit.redis.group.size", $"queue={_queue} operation=send"));
        var info = await app.Queues.GetAsync(_queue);
        Assert.Equal((650L, 110L), (info.Sent, info.Moved));
        var health = await app.Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(x => x.Name is "redis-queues" or "dead-queues");
        Assert.Contains("300 messages wait", health.Entries["redis-queues"].Description, StringComparison.Ordinal);
        Assert.Contains("110 dead letters (more than 109; 110 failed, 0 skipped)", health.Entries["dead-queues"].Description,
            StringComparison.Ordinal);

        // What comes back from leases that have ended is counted whole, and again as delivered. The first process hangs, another takes
        // over.
        await using var other =
            await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = _queue));
        await Eventually.TrueAsync(async () => await other.Queue.GetMetricsAsync() is { Processing: 200, QueueSize: 0, Completed: 300 },
            message: "the others to be done");
        await RedisApp.EndLeasesAsync(redis.Server, _prefix);
        await other.Queue.EnqueueAsync(new Webhook { Id = "wakes the other" });
        await Eventually.EqualAsync(200, () => _measured.Sum("masstransit.redis.reclaimed", $"queue={_queue}"),
            message: "200 to be taken back");
        Assert.Equal(200, (await app.Queues.GetAsync(_queue)).Reclaimed);
        gate.SetResult();
        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is
        {
            Processing: 0, QueueSize: 0, Delayed: 40,
            Completed: 501
        }, message: "all to be done but the delayed");
        Assert.InRange(_measured.Sum("masstransit.redis.redelivered", $"queue={_queue}"), 200, 400);
        await AssertFiguresAsync(_queue, 0, 40, 0, 110, 0);

        // What an operator does is told in messages too.
        Assert.Equal(110, await app.DeadLetters.ReplayAllAsync(_queue));
        await DeadAsync(_queue, 110);
        var keys = (await app.DeadLetters.ListAsync(_queue)).Entries.Select(x => x.Key).ToArray();
        Assert.Equal(2, keys.Length);
        Assert.Equal(110, await app.DeadLetters.PurgeAsync(_queue, keys));
        Assert.Equal(70, await app.Services.GetRequiredService<IRedisDeadLetters>().PurgeAllAsync(plain + "_skipped"));
        Assert.Equal(40, await app.Queues.PurgeAsync(_queue));
        await AssertFiguresAsync(_queue, 0, 0, 0, 0, 0);

        async Task AssertFiguresAsync(string queue, long ready, long delayed, long leased, long errors, long skipped)
        {
            Assert.Equal((ready, delayed, leased, errors, skipped),
                (await CountAsync(queue, "", "ready"), await CountAsync(queue, "", "delayed"),
                await CountAsync(queue, "", "leased"), await CountAsync(queue, "_error", "ready"),
                await CountAsync(queue, "_skipped", "ready")));
            var counts = await app.Queues.GetAsync(queue);
            Assert.Equal((ready, delayed, leased, errors + skipped), (counts.Ready, counts.Delayed, counts.Leased, counts.DeadLetters));
            if (queue == _queue)
            {
                Assert.Equal((ready, delayed, leased, errors + skipped),
                    await app.Queue.GetMetricsAsync() is var x ? (x.QueueSize, x.Delayed, x.Processing, x.DeadLetters) : default);
                var listed = (await app.DeadLetters.ListQueuesAsync()).SingleOrDefault(y => y.Queue == queue + "_error");
                Assert.Equal(errors, listed?.Count ?? 0);
            }

            foreach (var (instrument, tags, expected) in new[]
            {
                ("masstransit.redis.queue.depth", "state=ready", ready), ("masstransit.redis.queue.depth", "state=delayed", delayed),
                ("masstransit.redis.queue.depth", "state=leased", leased), ("masstransit.redis.queue.dead_letters", "kind=error", errors),
                ("masstransit.redis.queue.dead_letters", "kind=skipped", skipped),
            })
                await Eventually.EqualAsync((double?)expected, () => _measured.Gauge(instrument, $"queue={queue} {tags}"),
                    message: $"{instrument} {tags}");
        }

        Task SendAsync(WebhookBundle bundle, int count, TimeSpan? delay = null) => app.Bus.Publish(bundle, x =>
        {
            Weigh(x, count);
            x.Delay = delay;
        });

        void Weigh(SendContext context, int count) => app.Services.GetOfBus<IBus, IBundlePublishing>().SetMessageCount(context, count);

        Task DeadAsync(string queue, long count) =>
            Eventually.EqualAsync(count, async () => (await app.Queues.GetAsync(queue)).DeadLetters, message: "dead letters");

        Task<long> CountAsync(string queue, string suffix, string state) =>
            RedisApp.CountMessagesAsync(redis.Server, _prefix, $"{{{queue}}}{suffix}", state);
    }

    [SkippableFact]
    public async Task Metrics_take_three_calls_a_queue_of_webhooks_however_many_other_queues_there_are()
    {
        await using var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfUnavailable();
        await using (await RedisApp.StartAsync(server, _prefix, _journal, w =>
        {
            w.AddProcessor<SingleProcessor>(p => p.QueueName = "one");
            w.AddProcessor<BulkProcessor>(p => p.QueueName = "two");
        }, bus: (_, cfg) =>
        {
            for (var i = 0; i < 20; i++)
                cfg.ReceiveEndpoint($"other-{i}", e => e.Handler<Ping>(_ => Task.CompletedTask));
        }))
        {
            // Ended again: receivers ask the server by themselves.
        }

        await using var app = await RedisApp.StartAsync(server, _prefix, _journal, start: false);
        await app.Queue.GetMetricsAsync();
        await using var connection = await server.ConnectAsync();
        var before = await CallsAsync();

        for (var i = 0; i < 10; i++)
            Assert.Equal(["one", "two"], (await app.Queue.GetMetricsAsync()).Queues.Select(x => x.Queue));

        Assert.Equal(10 * 3 * 2, await CallsAsync() - before);

        Task<long> CallsAsync() => CommandCounts.SumAsync(connection, "evalsha");
    }

    public void Dispose() => _measured.Dispose();

    static IEnumerable<Webhook> Webhooks(int count) => Enumerable.Range(0, count).Select(x => new Webhook { Id = $"{x}" });

    static WebhookBundle Bundle(int count) => new() { Count = count, Webhooks = WebhookPacker.Pack([.. Webhooks(count)]) };

    public sealed record Ping;

    sealed class HangingProcessor(Journal journal, TaskCompletionSource gate) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            foreach (var webhook in batch)
                journal.Seen.Enqueue(webhook);
            await gate.Task.WaitAsync(cancellationToken);
            return [.. batch.Select(_ => WebhookResult.Success())];
        }
    }
}
