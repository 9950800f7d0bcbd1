using System.Diagnostics;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>
/// Workers that find their number by themselves, with processors that really wait and really compute. No figure of time decides:
/// what waits scales whatever the machine does, and what computes cannot.
/// </summary>
public sealed class AutoScaleTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Workers_that_wait_for_a_backend_grow_to_the_maximum_and_shrink_when_idle()
    {
        await using var app = await StartAsync<WaitingProcessor>(max: 12);
        using var load = new Load(app);

        await Eventually.TrueAsync(() => Limit(app) == 12, TimeSpan.FromSeconds(90), "12 workers");
        await load.EndAsync();
        await Eventually.TrueAsync(() => Limit(app) == 2, TimeSpan.FromSeconds(90), "2 workers, when there is nothing to do");
    }

    [Fact]
    public async Task Workers_that_share_one_cpu_do_not_grow_for_nothing()
    {
        await using var app = await StartAsync<ComputingProcessor>(max: 256);
        using var load = new Load(app);
        using var decisions = new Decisions(nameof(ComputingProcessor));

        // Two steps taken back: it has tried, seen that it brings nothing, waited, and tried again.
        await Eventually.TrueAsync(() => decisions.Count("back") >= 2, TimeSpan.FromSeconds(90), "two steps to be taken back");

        // Growth by chance takes a fifth more throughput each time: 22 such steps in a row would be needed for the maximum.
        Assert.InRange(Limit(app), 2, 64);
        await load.EndAsync();
    }

    static int Limit(WebhookApp app) => app.Statistics.Read() is [var processor] ? processor.WorkerLimit : 0;

    Task<WebhookApp> StartAsync<TProcessor>(int max)
        where TProcessor : class, IWebhookProcessor =>
        WebhookApp.OnRedisAsync(redis.Server, w => w.AddProcessor<TProcessor>(p =>
        {
            ((WebhookProcessorOptions<TProcessor>)p).ScaleInterval = Interval;
            p.BatchSize = 1;
            p.AutoScale(min: 2, max);
        }), x => x.AddSingleton(new Journal()));

    /// <summary>Always more than can be processed, until it ends.</summary>
    sealed class Load : IDisposable
    {
        readonly CancellationTokenSource _end = new();
        readonly Task _running;

        public Load(WebhookApp app) => _running = Task.Run(async () =>
        {
            for (var number = 0; !_end.IsCancellationRequested; number++)
            {
                await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 200).Select(x => new Webhook { Id = $"{number}-{x}" }));
                await Eventually.TrueAsync(async () => _end.IsCancellationRequested || (await app.Queue.GetMetricsAsync()).QueueSize < 200,
                    TimeSpan.FromSeconds(90), "the load to be worked off");
            }
        });

        public async Task EndAsync()
        {
            await _end.CancelAsync();
            await _running;
        }

        public void Dispose()
        {
            _end.Cancel();
            _end.Dispose();
        }
    }

    sealed class Decisions : IDisposable
    {
        readonly System.Diagnostics.Metrics.MeterListener _listener = new();
        readonly System.Collections.Concurrent.ConcurrentQueue<string> _seen = new();

        public Decisions(string processor)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "masstransit.webhooks.scale.decisions")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            {
                var named = tags.ToArray().ToDictionary(x => x.Key, x => (string?)x.Value);
                if (named["processor"] == processor)
                    _seen.Enqueue(named["decision"]!);
            });
            _listener.Start();
        }

        public int Count(string decision) => _seen.Count(x => x == decision);

        public void Dispose() => _listener.Dispose();
    }

    public sealed class WaitingProcessor : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            // A backend that answers after 50 ms, however many ask.
            await Task.Delay(50, cancellationToken);
            return WebhookResult.Success();
        }
    }

    public sealed class ComputingProcessor : IWebhookProcessor
    {
        /// <summary>One CPU for all workers, whatever the machine has: so many workers, so little more.</summary>
        static readonly Lock Cpu = new();

        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            lock (Cpu)
            {
                var started = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(5))
                    Thread.SpinWait(20);
            }

            return Task.FromResult(WebhookResult.Success());
        }
    }
}
