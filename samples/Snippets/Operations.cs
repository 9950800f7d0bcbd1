using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Snippets;

public static class Operations
{
    public static void Measure(WebApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry().WithMetrics(m => m
            .AddMeter("MassTransit.RedisTransport", "MassTransit.Webhooks", "MassTransit")
            .AddPrometheusExporter());
    }

    public static void Expose(WebApplication app)
    {
        app.MapPrometheusScrapingEndpoint();
    }

    public static void Check(WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks()
            .AddRedisTransport(o =>
            {
                o.MaxReady = 5_000;
                o.MaxDeadLetters = 100;
                o.MinReplicas = 1;
            })
            .AddWebhookLatency(o => o.MaxLatency = TimeSpan.FromMilliseconds(10))
            .AddStatusMetric();
    }

    public static void Map(WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = x => x.Tags.Contains("ready") });
    }
}
