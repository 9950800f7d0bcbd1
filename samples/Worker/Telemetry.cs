using MassTransit;
using OpenTelemetry.Metrics;

namespace Worker;

/// <summary>What an operator sees of the process: metrics for Prometheus, traces for Jaeger, health checks that say what to do.</summary>
static class Telemetry
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(m => m
            .AddMeter("MassTransit.RedisTransport", "MassTransit.Webhooks", "MassTransit")
            .AddPrometheusExporter());
        // Spans nobody receives are not recorded: what is recorded travels message by message, which costs throughput.
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.AddWebhookTelemetry();
        builder.Services.AddHealthChecks().AddRedisTransport().AddWebhookLatency().AddStatusMetric();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<CachedHealth>();
    }

    public static void MapTelemetry(this WebApplication app) => app.MapPrometheusScrapingEndpoint();
}
