using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// What tracing and metrics cost: nothing set up, telemetry with 0 %, 1 % and 100 % of the traces sampled, exported to nobody. Each webhook
/// is enqueued under a span of its own, as a request's would be.
/// </summary>
internal sealed class Tracing : IScenario
{
    const string Off = "no telemetry";
    const int Count = 40_000;

    static readonly ActivitySource Requests = new("MassTransit.Webhooks.Benchmarks");

    public string Name => "tracing";

    public string Description =>
        "throughput without telemetry, with metrics, and with traces of 0 %, 1 % and 100 %; IWebhookProcessor and IConsumer<T>, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var (subject, telemetry) in ((string, Action<OpenTelemetryBuilder>?)[])
        [
            (Off, null),
            ("metrics alone",
                x => x.WithMetrics(m => m.AddMeter("MassTransit.RedisTransport", "MassTransit.Webhooks").AddReader(Reader()))),
            ("traces, 0 %", x => Traces(x, 0)),
            ("traces, 1 %", x => Traces(x, 0.01)),
            ("traces, 100 %", x => Traces(x, 1)),
        ])
        {
            foreach (var (setting, processor, total) in ((string, bool, int)[])[("IWebhookProcessor", true, Count * 2),
                ("IConsumer<Webhook>", false, Count / 2)])
            {
                Progress.Say($"{subject}: {setting}");
                using var host = await StartAsync(servers, telemetry, processor);
                var queue = host.Services.GetRequiredService<IWebhookQueue>();
                var tally = host.Services.GetRequiredService<Tally>();
                measurements.Add(new(subject, setting, await Rate.MedianAsync(total, async count =>
                {
                    var done = tally.Expect(count);
                    await Task.WhenAll(WebhookHost.Webhooks(count).Chunk(Math.Max(1, count / 100)).Select(async chunk =>
                    {
                        foreach (var webhook in chunk)
                        {
                            using var request = Requests.StartActivity("request", ActivityKind.Server);
                            await queue.EnqueueAsync(webhook);
                        }
                    }));
                    await done.WaitAsync(Rate.Patience);
                }, rounds: 5), "webhooks/s"));
                await host.StopAsync();
            }
        }

        return [.. measurements.Select(x => x.Subject == Off ? x : x with { Peer = Off })];
    }

    static Task<IHost> StartAsync(Servers servers, Action<OpenTelemetryBuilder>? telemetry, bool processor) =>
        WebhookHost.StartAsync(servers.Redis.ConnectionString,
        w =>
        {
            if (processor)
                w.AddProcessor<CountingProcessor>();
        },
        x =>
        {
            if (!processor)
                x.AddConsumer<PlainConsumer, PlainDefinition>();
        },
        services: x =>
        {
            if (telemetry is not null)
                telemetry(x.AddOpenTelemetry());
        });

    static void Traces(OpenTelemetryBuilder telemetry, double ratio) => telemetry.AddWebhookTelemetry()
        .WithTracing(t => t.AddSource(Requests.Name).SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)))
            .AddProcessor(new BatchActivityExportProcessor(new Nobody())));

    static PeriodicExportingMetricReader Reader() => new(new NobodysMetrics(), 1_000);

    /// <summary>Takes spans as an exporter does, in batches on a thread of its own, and drops them.</summary>
    sealed class Nobody : BaseExporter<Activity>
    {
        public override ExportResult Export(in global::OpenTelemetry.Batch<Activity> batch)
        {
            foreach (var _ in batch)
            {
            }

            return ExportResult.Success;
        }
    }

    sealed class NobodysMetrics : BaseExporter<Metric>
    {
        public override ExportResult Export(in global::OpenTelemetry.Batch<Metric> batch) => ExportResult.Success;
    }
}
