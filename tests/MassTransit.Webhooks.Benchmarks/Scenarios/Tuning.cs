using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>Workers by batch size through IWebhookProcessor: one process that enqueues and one that processes, in one.</summary>
internal sealed class Tuning : IScenario
{
    static readonly (int Workers, int BatchSize, int Count)[] Settings =
        [(10, 1, 20_000), (50, 50, 100_000), (100, 100, 200_000), (200, 500, 200_000), (500, 1_000, 200_000)];

    public string Name => "tuning";

    public string Description =>
        "workers x batch size through IWebhookProcessor, 500-byte bodies, end to end and draining a backlog, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var (workers, batchSize, count) in Settings)
        {
            var setting = $"{workers} x {batchSize}";
            measurements.Add(new("enqueued and processed", setting, await EndToEndAsync(servers, workers, batchSize, count), "webhooks/s"));
            measurements.Add(new("backlog processed", setting, await DrainAsync(servers, workers, batchSize, count), "webhooks/s"));
        }

        return measurements;
    }

    static async Task<double> EndToEndAsync(Servers servers, int workers, int batchSize, int count)
    {
        using var host = await WebhookHost.StartAsync(servers, w => Add(w, workers, batchSize));
        var rate = await Rate.MedianAsync(count, x => WebhookHost.RoundAsync(host, x, WebhookHost.EnqueueBatchesAsync));
        await host.StopAsync();
        return rate;
    }

    static async Task<double> DrainAsync(Servers servers, int workers, int batchSize, int count)
    {
        var prefix = WebhookHost.NewPrefix();
        using (var subscriber = await WebhookHost.StartAsync(servers, w => Add(w, workers, batchSize), prefix: prefix))
            await subscriber.StopAsync();
        using (var sender = await WebhookHost.StartAsync(servers, _ => { }, prefix: prefix))
        {
            await WebhookHost.EnqueueBatchesAsync(sender.Services.GetRequiredService<IWebhookQueue>(), count);
            await sender.StopAsync();
        }

        Tally? tally = null;
        Task? done = null;
        var started = 0L;
        using var host = await WebhookHost.StartAsync(servers, w =>
        {
            Add(w, workers, batchSize);
            w.Registration.AddSingleton(_ =>
            {
                tally = new Tally();
                done = tally.Expect(count);
                started = Stopwatch.GetTimestamp();
                return tally;
            });
        }, prefix: prefix);
        while (done is null)
            await Task.Yield();
        await done.WaitAsync(TimeSpan.FromMinutes(3));
        var rate = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await host.StopAsync();
        return rate;
    }

    static void Add(IWebhookConfigurator webhooks, int workers, int batchSize) => webhooks.AddProcessor<CountingProcessor>(p =>
    {
        p.Workers = workers;
        p.BatchSize = batchSize;
    });
}
