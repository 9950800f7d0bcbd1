using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Quickstart;

/// <summary>
/// What is for operators, on a port of its own: the dashboard, health, metrics. Traces go where OTEL_EXPORTER_OTLP_ENDPOINT says.
/// </summary>
static class Management
{
    public const string Dashboard = "/ops";

    public static void Add(WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(m => m
            .AddMeter("MassTransit.RedisTransport", "MassTransit.Webhooks", "MassTransit")
            .AddPrometheusExporter());
        if (IsTraced(builder.Configuration))
            telemetry.AddWebhookTelemetry();
        builder.Services.AddHealthChecks().AddRedisTransport().AddWebhookLatency().AddStatusMetric();
    }

    public static bool IsTraced(IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    public static void Map(WebApplication app, QuickstartSettings settings)
    {
        KeepApart(app);
        // In Development it needs no policies: it answers to browsers on this machine alone.
        app.MapRedisDashboard(Dashboard, o => o.TraceUrl = settings.TraceUrl).WithMetadata(new Marker());
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") }).WithMetadata(new Marker());
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = x => x.Tags.Contains("ready"),
        }).WithMetadata(new Marker());
        app.MapPrometheusScrapingEndpoint().WithMetadata(new Marker());
    }

    /// <summary>The second address is the management's: known when the server has bound it.</summary>
    public static Uri AddressOf(WebApplication app) => new(app.Urls.Last());

    /// <summary>What is for operators is found on their port alone, and nothing else is found there.</summary>
    static void KeepApart(WebApplication app)
    {
        var port = new Lazy<int>(() => AddressOf(app).Port);
        app.Use((context, next) =>
        {
            if (context.GetEndpoint() is { } endpoint
                && endpoint.Metadata.GetMetadata<Marker>() is not null == (context.Connection.LocalPort == port.Value))
                return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    sealed class Marker;
}
