using MassTransit.Webhooks.OpenTelemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MassTransit;

/// <summary>Traces and metrics of webhooks, over OTLP.</summary>
public static class WebhookTelemetryExtensions
{
    /// <summary>
    /// Collects the spans of ASP.NET Core, MassTransit, its Redis transport and the webhooks, and the meters of the last three. Sends them
    /// by OTLP if an endpoint is configured.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Everything else is set by OpenTelemetry's own variables, in the environment or in the application's configuration:
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, <c>OTEL_EXPORTER_OTLP_PROTOCOL</c> (<c>grpc</c>, the default, or <c>http/protobuf</c>),
    /// <c>OTEL_SERVICE_NAME</c>, <c>OTEL_TRACES_SAMPLER</c>, <c>OTEL_SDK_DISABLED</c>, <c>OTEL_SPAN_LINK_COUNT_LIMIT</c> (128: raise it for
    /// larger batches), and the rest.
    /// </para>
    /// <para>
    /// A signal is exported when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> or <c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c>
    /// (<c>…_METRICS_ENDPOINT</c>) is set at the time of this call, or <c>OTEL_TRACES_EXPORTER</c> (<c>OTEL_METRICS_EXPORTER</c>) is
    /// <c>otlp</c>; never when that is <c>none</c>. Without any of them spans and metrics are collected for exporters that are added
    /// elsewhere, and this method adds none. OpenTelemetry's default differs: it sends to port 4317 of the own host, even if nothing
    /// listens there.
    /// </para>
    /// <para>A worker without HTTP can use it too; it needs the shared framework of ASP.NET Core (the <c>aspnet</c> images).</para>
    /// <para>
    /// An endpoint that is down does not block the application: spans wait in a bounded queue (<c>OTEL_BSP_MAX_QUEUE_SIZE</c>) and are
    /// dropped when it is full.
    /// </para>
    /// </remarks>
    /// <param name="builder">What <c>services.AddOpenTelemetry()</c> returns.</param>
    /// <returns>The builder.</returns>
    public static OpenTelemetryBuilder AddWebhookTelemetry(this OpenTelemetryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = ExporterSettings.Read(builder.Services);
        return builder
            .WithTracing(tracing =>
            {
                tracing.AddAspNetCoreInstrumentation().AddSource([.. TelemetrySources.Activities])
                    .AddProcessor(new MassTransitConventions());
                if (settings.ExportTraces)
                    tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter([.. TelemetrySources.Meters]);
                if (settings.ExportMetrics)
                    metrics.AddOtlpExporter();
            });
    }
}
