using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;

namespace Ingress;

/// <summary>What every process of a deployment needs, whatever it does.</summary>
static class Hosting
{
    /// <summary>Port 8080, as containers have it, unless ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS says otherwise.</summary>
    public static void UsePort8080(this WebApplicationBuilder builder) =>
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, builder.Configuration[WebHostDefaults.HttpPortsKey] ?? "8080");

    /// <summary>Short names of settings, in front of appsettings.json and of the long names: REDIS_URL is Redis__Url.</summary>
    public static void AddShortNames(this WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        new Dictionary<string, string>
        {
            ["REDIS_URL"] = "Redis:Url",
        }
        .Where(x => !string.IsNullOrWhiteSpace(builder.Configuration[x.Key]))
        .Select(x => KeyValuePair.Create(x.Value, builder.Configuration[x.Key])));

    /// <summary>Live: the process answers. Ready: the bus is connected (MassTransit's check, and all others tagged so).
    /// One word each, since senders reach this process too; what is wrong is in the log.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = x => x.Tags.Contains("ready") });
    }
}
