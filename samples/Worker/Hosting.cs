using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Worker;

/// <summary>What every process of a deployment needs, whatever it does.</summary>
static class Hosting
{
    /// <summary>
    /// Port 8080, as containers have it, for metrics, health and the dashboard alone, which is not for everybody to reach; unless
    /// ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS says otherwise.
    /// </summary>
    public static void UsePort8080(this WebApplicationBuilder builder) =>
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, builder.Configuration[WebHostDefaults.HttpPortsKey] ?? "8080");

    /// <summary>Short names of settings, in front of appsettings.json and of the long names: REDIS_URL is Redis__Url, and so on.</summary>
    public static void AddShortNames(this WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        new Dictionary<string, string>
        {
            ["REDIS_URL"] = "Redis:Url",
            ["NUM_WORKERS"] = "Worker:Workers",
            ["BATCH_SIZE"] = "Worker:BatchSize",
            ["TRACE_URL"] = "Dashboard:TraceUrl",
        }
        .Where(x => !string.IsNullOrWhiteSpace(builder.Configuration[x.Key]))
        .Select(x => KeyValuePair.Create(x.Value, builder.Configuration[x.Key])));

    /// <summary>
    /// Live: the process answers. Ready: the bus is connected and receives (MassTransit's check, and all others tagged so).
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") });
        app.MapGet("/health/ready", async (HttpContext context, CachedHealth health) =>
        {
            var report = await health.ReadyAsync();
            context.Response.StatusCode = report.Status == HealthStatus.Unhealthy
                ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync(report.WhatToDo());
        });
    }
}
