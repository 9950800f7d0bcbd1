using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Worker;

/// <summary>What every process of a deployment needs, whatever it does.</summary>
static class Hosting
{
    /// <summary>Port 8080, as containers have it, unless ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS says otherwise.</summary>
    public static void UsePort8080(this WebApplicationBuilder builder) =>
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, builder.Configuration[WebHostDefaults.HttpPortsKey] ?? "8080");

    /// <summary>Short names of settings, in front of appsettings.json and of the long names: REDIS_URL is Redis__Url, and so on.</summary>
    public static void AddShortNames(this WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        new Dictionary<string, string>
        {
            ["REDIS_URL"] = "Redis:Url",
            ["NUM_WORKERS"] = "Worker:Workers",
            ["BATCH_SIZE"] = "Worker:BatchSize",
        }
        .Where(x => !string.IsNullOrWhiteSpace(builder.Configuration[x.Key]))
        .Select(x => KeyValuePair.Create(x.Value, builder.Configuration[x.Key])));

    /// <summary>Live: the process answers. Ready: the bus is connected and receives (MassTransit's check, and all others tagged so).</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = x => x.Tags.Contains("ready"), ResponseWriter = WriteWhatToDoAsync });
    }

    /// <summary>The status, and of every check that is not healthy what to do about it: who looks at it at night has no log at hand.</summary>
    static Task WriteWhatToDoAsync(HttpContext context, HealthReport report) => context.Response.WriteAsync(string.Join('\n',
        [report.Status.ToString(), .. report.Entries.Where(x => x.Value.Status != HealthStatus.Healthy).Select(x => $"{x.Key}: {x.Value.Description}")]));
}
