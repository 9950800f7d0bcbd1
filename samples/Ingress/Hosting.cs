using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Ingress;

/// <summary>What every process of a deployment needs, whatever it does.</summary>
static class Hosting
{
    /// <summary>
    /// Webhooks on port 8080, as containers have it (ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS says otherwise). Metrics and health on one of
    /// their own, 8081 (MANAGEMENT_URL says otherwise), which senders are not to reach: they tell of the inside, and cost more than an
    /// answer.
    /// </summary>
    public static void UsePorts(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var ports = configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 } value ? value : "8080";
        var webhooks = configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls
            ? urls : string.Join(';', ports.Split(';').Select(x => $"http://*:{x}"));
        var management = configuration["Management:Url"] is { Length: > 0 } url ? url : "http://*:8081";
        if (BindingAddress.Parse(management).Port is > 0 and var port && webhooks.Split(';').Any(x => BindingAddress.Parse(x).Port == port))
            throw new OptionsValidationException("Management:Url", typeof(string),
                [$"Management:Url is '{management}', the port of the webhooks: write another one (MANAGEMENT_URL)."]);

        builder.WebHost.UseUrls($"{webhooks};{management}");
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "");
    }

    /// <summary>
    /// What strangers may hold: so many connections, each for so long and with so much of what nobody has looked at yet. Together with
    /// WebhookIngressOptions.MaxUnverifiedBytes it stays below the memory of the manifest: 2,000 × 64 KiB + 64 MiB.
    /// </summary>
    public static void LimitConnections(this WebApplicationBuilder builder)
    {
        var connections = builder.Configuration.GetValue("Limits:Connections", 2_000);
        builder.WebHost.ConfigureKestrel(x =>
        {
            x.AddServerHeader = false;
            x.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            // Above what gateways keep an idle connection for, so that it is they who close it.
            x.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(90);
            x.Limits.MaxRequestBufferSize = 64 * 1024;
            x.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            x.Limits.Http2.InitialStreamWindowSize = x.Limits.Http2.InitialConnectionWindowSize = 128 * 1024;
            // Not Limits.MaxConcurrentConnections: that would count probes in, and a process that is full of strangers would be restarted
            // for it.
            x.ConfigureEndpointDefaults(listen => Limit(listen, connections));
        });
    }

    /// <summary>Short names of settings, in front of appsettings.json and of the long names: REDIS_URL is Redis__Url.</summary>
    public static void AddShortNames(this WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        new Dictionary<string, string>
        {
            ["REDIS_URL"] = "Redis:Url",
            ["MANAGEMENT_URL"] = "Management:Url",
        }
        .Where(x => !string.IsNullOrWhiteSpace(builder.Configuration[x.Key]))
        .Select(x => KeyValuePair.Create(x.Value, builder.Configuration[x.Key])));

    /// <summary>What is said to be for management is found on its port alone, and nothing else is found there.</summary>
    public static void KeepManagementApart(this WebApplication app)
    {
        // The last address: known when the server has bound it.
        var port = new Lazy<int>(() => BindingAddress.Parse(app.Urls.Last()).Port);
        app.Use((context, next) =>
        {
            if (context.GetEndpoint() is { } endpoint
                && endpoint.Metadata.GetMetadata<ManagementOnly>() is not null == (context.Connection.LocalPort == port.Value))
                return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Live: the process answers. Ready: the bus is connected (MassTransit's check, and all others tagged so).</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") })
            .WithMetadata(new ManagementOnly());
        app.MapGet("/health/ready", async (HttpContext context, CachedHealth health) =>
        {
            var report = await health.ReadyAsync();
            context.Response.StatusCode = report.Status == HealthStatus.Unhealthy
                ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync(report.WhatToDo());
        }).WithMetadata(new ManagementOnly());
    }

    static void Limit(ListenOptions listen, int connections)
    {
        var open = 0;
        listen.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref open) <= connections)
                    await next(connection);
                else
                    connection.Abort(new ConnectionAbortedException("There are too many connections."));
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        });
    }
}

/// <summary>Marks what is for operators, not for senders.</summary>
sealed class ManagementOnly;
