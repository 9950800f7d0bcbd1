using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RabbitMq;

/// <summary>Traces, for whoever has started a Jaeger: OTEL_EXPORTER_OTLP_ENDPOINT says where it takes them.</summary>
static class Tracing
{
    const string DefaultTraceUrl = "http://localhost:16686/trace/{traceId}";

    static bool IsOn => Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };

    public static void AddTracing(this IHostApplicationBuilder builder)
    {
        if (IsOn)
            builder.Services.AddOpenTelemetry().AddWebhookTelemetry();
    }

    /// <summary>The address of a trace; <c>null</c> if traces go nowhere.</summary>
    public static string? AddressOf(string? traceId) => IsOn && traceId is not null
        ? (Environment.GetEnvironmentVariable("TRACE_URL") is { Length: > 0 } url ? url : DefaultTraceUrl)
            .Replace("{traceId}", traceId, StringComparison.OrdinalIgnoreCase)
        : null;
}
