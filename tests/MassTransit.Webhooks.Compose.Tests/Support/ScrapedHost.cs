using System.Diagnostics.Metrics;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace MassTransit.Webhooks.Compose.Tests.Support;

/// <summary>Ingress and worker in one process, as an application has them, with /metrics and /health over HTTP.</summary>
sealed class ScrapedHost : IAsyncDisposable
{
    public const string Queue = "order-hooks";

    readonly WebApplication _app;

    ScrapedHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public string Address => $"{Client.BaseAddress!.Host}:{Client.BaseAddress.Port}";

    public static async Task<ScrapedHost> StartAsync(TestServer redis)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<OrderHooks>(p => p.Redelivery(r => r.None()));
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(redis.ConfigurationOptions, h => h.DepthInterval = TimeSpan.FromMilliseconds(500));
                cfg.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddWebhookReceiver("demo", r => r.AllowUnsigned("x-id").Tenant(x => x.Request.Headers["x-tenant"]));
        builder.Services.AddHealthChecks().AddRedisTransport().AddWebhookLatency().AddStatusMetric();
        builder.Services.Configure<HealthCheckPublisherOptions>(x => (x.Delay, x.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        builder.Services.AddOpenTelemetry()
            .WithMetrics(x => x.AddMeter("MassTransit.RedisTransport", "MassTransit.Webhooks").AddPrometheusExporter());

        var app = builder.Build();
        app.MapWebhooks();
        app.MapPrometheusScrapingEndpoint();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = x => x.Tags.Contains("live") });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = x => x.Tags.Contains("ready") });
        await app.StartAsync();
        // The limit of a queue is a metric only where an operator has set one.
        await app.Services.GetRequiredService<IRedisQueues>().SetLimitAsync(Queue, 1_000, new RedisActor("tests"));
        return new ScrapedHost(app);
    }

    /// <summary>Sends webhooks in; one in five ends as a dead letter.</summary>
    public async Task WorkAsync(string prefix)
    {
        for (var i = 0; i < 20; i++)
        {
            using var request =
                new HttpRequestMessage(HttpMethod.Post, "/webhooks/demo") { Content = new StringContent(i % 5 == 0 ? "bad" : "good") };
            request.Headers.Add("x-id", $"{prefix}-{i}");
            request.Headers.Add("x-tenant", "acme");
            (await Client.SendAsync(request)).EnsureSuccessStatusCode();
        }
    }

    public Task<string> ScrapeAsync() => Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    sealed class OrderHooks : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(webhook.Webhook.Body.AsSpan().SequenceEqual("bad"u8)
                ? WebhookResult.Fail("It says so.") : WebhookResult.Success());
    }
}

/// <summary>Every instrument of the two meters. What has had no reason to be counted yet is counted by 0, so that it is exported.</summary>
sealed class Instruments : IDisposable
{
    readonly MeterListener _listener = new();
    readonly List<Instrument> _all = [];

    public Instruments()
    {
        _listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name is not ("MassTransit.RedisTransport" or "MassTransit.Webhooks"))
                return;
            lock (_all)
                _all.Add(instrument);
        };
        _listener.Start();
    }

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_all)
                return [.. _all.Select(x => x.Name).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    public void Touch()
    {
        Instrument[] all;
        lock (_all)
            all = [.. _all];
        foreach (var instrument in all)
        {
            if (instrument is Counter<long> counter)
                counter.Add(0);
        }
    }

    public void Dispose() => _listener.Dispose();
}
