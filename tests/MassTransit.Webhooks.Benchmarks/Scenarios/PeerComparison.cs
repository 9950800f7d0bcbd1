using MassTransit.Webhooks.Benchmarks.Peers;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// What users would pick instead, side by side: enqueue one by one, by 100 at a time, in batches of 1,000; and end to end by 100
/// publishers, at limits 16, 100 and 1,000. Each peer on the same Redis, RabbitMQ on its own broker on the same machine.
/// </summary>
internal sealed class PeerComparison : IScenario
{
    const string Ours = "webhooks (IWebhookQueue, IWebhookProcessor)";
    const string OnRedis = "MassTransit on Redis (IConsumer<T>)";

    static readonly int[] Limits = [16, 100, 1_000];

    public string Name => "peers";

    public string Description =>
        "beside MassTransit on RabbitMQ and in memory, BullMQ, Hangfire, and StackExchange.Redis alone; 500-byte bodies";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        measurements.AddRange(await WebhooksAsync(servers));
        foreach (var transport in Transport.All(servers))
            measurements.AddRange(await MassTransitAsync(transport));
        measurements.AddRange(await BullMq.RunAsync(servers));
        measurements.AddRange(await HangfireRedis.RunAsync(servers));
        measurements.AddRange((await RawRedis.RunAsync(servers)).SelectMany(x => x.Setting == "end to end"
            ? Limits.Select(limit => x with { Setting = $"end to end, limit {limit}" })
            : [x]));
        return [.. measurements.OrderBy(x => Array.IndexOf(Order, x.Setting)).Select(x => x.Subject == Ours ? x : x with { Peer = Ours })];
    }

    static readonly string[] Order =
    [
        "enqueue, one awaited", "enqueue, 100 concurrent", "enqueue, batches of 1,000",
        "end to end, limit 16", "end to end, limit 100", "end to end, limit 1000",
    ];

    static async Task<List<Measurement>> WebhooksAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var (what, count, run) in ((string, int, Func<IWebhookQueue, int, Task>)[])
        [
            ("enqueue, one awaited", 4_000, WebhookHost.EnqueueOneByOneAsync), ("enqueue, 100 concurrent", 100_000,
                WebhookHost.EnqueueConcurrentlyAsync), ("enqueue, batches of 1,000", 200_000, WebhookHost.EnqueueBatchesAsync),
        ])
        {
            Progress.Say($"{Ours}: {what}");
            var prefix = WebhookHost.NewPrefix();
            using (var subscriber = await WebhookHost.StartAsync(servers, w => w.AddProcessor<CountingProcessor>(), prefix: prefix))
                await subscriber.StopAsync();
            using var host = await WebhookHost.StartAsync(servers, _ => { }, prefix: prefix);
            var queue = host.Services.GetRequiredService<IWebhookQueue>();
            measurements.Add(new(Ours, what, await Rate.MedianAsync(count, x => run(queue, x)), "webhooks/s"));
            await host.StopAsync();
            await servers.ForgetAsync(prefix);
        }

        foreach (var limit in Limits)
        {
            Progress.Say($"{Ours}: end to end, limit {limit}");
            // As many webhooks in work at a time as the peers' limit: workers x batch.
            using var host = await WebhookHost.StartAsync(servers, w => w.AddProcessor<CountingProcessor>(p =>
            {
                p.Workers = Math.Max(1, limit / 100);
                p.BatchSize = Math.Min(limit, 100);
            }));
            measurements.Add(new(Ours, $"end to end, limit {limit}",
                await Rate.MedianAsync(100_000, count => WebhookHost.RoundAsync(host, count, WebhookHost.EnqueueConcurrentlyAsync)),
                "webhooks/s"));
            await host.StopAsync();
        }

        return measurements;
    }

    static async Task<List<Measurement>> MassTransitAsync(Transport transport)
    {
        var name = transport.Name == Transport.Redis ? OnRedis : $"MassTransit on {transport.Name}";
        var measurements = new List<Measurement>();
        foreach (var limit in Limits)
        {
            Progress.Say($"{name}: limit {limit}");
            using var host = await MessageHost.StartAsync(transport, limit);
            var count = transport.Name == Transport.Redis ? 40_000 : 10_000;
            measurements.Add(
                new(name, $"end to end, limit {limit}", await Rate.MedianAsync(count, x => MessageHost.RoundAsync(host, x)), "messages/s"));
            await host.StopAsync();
        }

        if (transport.Name == Transport.InMemory)
            return measurements;

        // Into a queue that a consumer has bound, and nobody empties: a consumer that holds two messages for good.
        Progress.Say($"{name}: publish");
        using var blocked = await MessageHost.StartBlockedAsync(transport);
        var bus = blocked.Services.GetRequiredService<IBus>();
        measurements.Add(new(name, "enqueue, one awaited", await Rate.MedianAsync(2_000, async count =>
        {
            for (var id = 0; id < count; id++)
                await bus.Publish(new BenchmarkMessage { Id = id, Body = MessageHost.Body });
        }), "messages/s"));
        measurements.Add(new(name, "enqueue, 100 concurrent",
            await Rate.MedianAsync(20_000, count => MessageHost.PublishAsync(bus, count)), "messages/s"));
        measurements.Add(new(name, "enqueue, batches of 1,000", await Rate.MedianAsync(20_000, async count =>
        {
            foreach (var chunk in Enumerable.Range(0, count).Chunk(1_000))
                await bus.PublishBatch(chunk.Select(id => new BenchmarkMessage { Id = id, Body = MessageHost.Body }));
        }), "messages/s"));
        MessageHost.Release(blocked);
        await blocked.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token);
        return measurements;
    }
}
