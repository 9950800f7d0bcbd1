using System.Diagnostics;
using System.Globalization;
using HdrHistogram;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// 10,000 webhooks a second for a minute, enqueued one by one as they fall due, from the call to the processor. What is sent late
/// counts from when it should have been sent.
/// </summary>
internal sealed class Sustained : IScenario
{
    const int Rate = 10_000;
    const int Seconds = 60;
    const int WarmUpSeconds = 5;

    public string Name => "sustained";

    public string Description =>
        "10,000 webhooks/s for 60 s through IWebhookQueue.EnqueueAsync and IWebhookProcessor, 500-byte bodies, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers) =>
    [
        .. await RunAsync(servers, TimeSpan.Zero, "10,000/s, 60 s, BatchTimeLimit 0"),
        .. await RunAsync(servers, TimeSpan.FromMilliseconds(5), "10,000/s, 60 s, BatchTimeLimit 5 ms (default)"),
    ];

    static async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers, TimeSpan limit, string setting)
    {
        using var host = await WebhookHost.StartAsync(servers, w => w.AddProcessor<TimingProcessor>(p => p.BatchTimeLimit = limit));
        var latencies = host.Services.GetRequiredService<Latencies>();
        var queue = host.Services.GetRequiredService<IWebhookQueue>();
        await SendAsync(queue, latencies, WarmUpSeconds * Rate);
        latencies.Reset();
        var sent = await SendAsync(queue, latencies, Seconds * Rate);
        await host.StopAsync();
        return
        [
            new("processed", setting, sent, "webhooks/s"),
            new("latency, average", setting, latencies.Histogram.GetMean() / 1000, "ms"),
            new("latency, p50", setting, latencies.Histogram.GetValueAtPercentile(50) / 1000.0, "ms"),
            new("latency, p99", setting, latencies.Histogram.GetValueAtPercentile(99) / 1000.0, "ms"),
            new("latency, p99.9", setting, latencies.Histogram.GetValueAtPercentile(99.9) / 1000.0, "ms"),
            new("latency, most", setting, latencies.Histogram.GetMaxValue() / 1000.0, "ms"),
        ];
    }

    /// <summary>On a thread of its own: a task's delays end up to 4 ms late, a thread's sleep does not.</summary>
    static async Task<double> SendAsync(IWebhookQueue queue, Latencies latencies, int count)
    {
        var done = latencies.Expect(count);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(await Task.Factory.StartNew(() => Send(queue, count, started), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await done.WaitAsync(TimeSpan.FromMinutes(1));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    static List<Task> Send(IWebhookQueue queue, int count, long started)
    {
        var body = new byte[500];
        var sends = new List<Task>(count);
        for (var i = 0; i < count;)
        {
            var due = Math.Min(count, (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * Rate) + 1);
            for (; i < due; i++)
            {
                var at = started + (long)((double)i / Rate * Stopwatch.Frequency);
                sends.Add(queue.EnqueueAsync(new Webhook
                {
                    Id = at.ToString(CultureInfo.InvariantCulture),
                    Receiver = "bench",
                    EventType = "benchmark",
                    Body = body,
                }));
            }

            Thread.Sleep(1);
        }

        return sends;
    }

    sealed class TimingProcessor(Latencies latencies) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            latencies.Add(long.Parse(webhook.Webhook.Id, CultureInfo.InvariantCulture));
            return Task.FromResult(WebhookResult.Success());
        }
    }
}
