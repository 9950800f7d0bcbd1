using System.Net;
using System.Security.Cryptography;
using System.Text;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests.Support;

/// <summary>Ingress, bus on Redis, processor and telemetry in one application, as a user has them.</summary>
sealed class TraceApp : IAsyncDisposable
{
    public const string Secret = "THE-SECRET-OF-THE-RECEIVER";

    readonly WebApplication _app;
    readonly HttpClient _client;

    TraceApp(WebApplication app, string queue)
    {
        (_app, Queue) = (app, queue);
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public string Queue { get; }

    public IRedisDeadLetters DeadLetters => Services.GetRequiredService<IRedisDeadLetters>();

    public IBus Bus => Services.GetRequiredService<IBus>();

    public WebhookProcessorStatistics? Statistics => Services.GetRequiredService<IWebhookStatistics>().Read().SingleOrDefault();

    public IServiceProvider Services => _app.Services;

    /// <param name="server">The Redis server.</param>
    /// <param name="settings">The variables of OpenTelemetry, as an application's configuration has them.</param>
    /// <param name="processor">Where webhooks go; <c>null</c>: to no processor.</param>
    /// <param name="configure">More of the processor.</param>
    /// <param name="bus">More of the bus.</param>
    /// <param name="endpoints">More of its endpoints.</param>
    /// <param name="trust">Whether senders say which trace a webhook belongs to.</param>
    public static async Task<TraceApp> StartAsync(TestServer server, Dictionary<string, string?> settings,
        IWebhookProcessor? processor = null,
        Action<IWebhookProcessorConfigurator>? configure = null, Action<IBusRegistrationConfigurator>? bus = null,
        Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? endpoints = null, bool trust = true)
    {
        var queue = TestNames.Unique("order-hooks");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddOpenTelemetry().AddWebhookTelemetry();
        builder.Services.AddSingleton(new Answers(processor));
        // What is published before its consumer has subscribed reaches nobody.
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddRedisQueues();
            bus?.Invoke(x);
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                if (processor is null)
                    return;

                w.AddProcessor<Forward>(p =>
                {
                    p.QueueName = queue;
                    p.BatchTimeLimit = TimeSpan.Zero;
                    p.Retry(r => r.Immediate(1));
                    p.Redelivery(r => r.Intervals(TimeSpan.FromMilliseconds(200)));
                    configure?.Invoke(p);
                });
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(server.ConfigurationOptions, h => h.KeyPrefix(queue));
                endpoints?.Invoke(context, cfg);
                cfg.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddWebhookReceiver("github",
            r => r.GitHub(o => o.Secrets.Add(Secret)).Configure(o => o.TrustTraceContext = trust).Priority(5).Tenant(_ => "acme"));
        var app = builder.Build();
        app.MapWebhooks();
        await app.StartAsync();
        return new TraceApp(app, queue);
    }

    public static Dictionary<string, string?> Settings(OtlpReceiver receiver, string protocol = "grpc") => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = protocol == "grpc" ? receiver.GrpcEndpoint : receiver.HttpEndpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
        ["OTEL_SERVICE_NAME"] = "webhook-tests",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
    };

    public static string Sign(string body, string secret = Secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    public async Task<HttpStatusCode> PostAsync(string id, string? body = null, string? traceParent = null, string secret = Secret)
    {
        // Equal bodies under two ids would be taken for a captured request.
        body ??= $$"""{"id":"{{id}}"}""";
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/webhooks/github?token=QUERY-TOKEN") { Content = new StringContent(body) };
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", "order.paid");
        request.Headers.Add("X-Hub-Signature-256", Sign(body, secret));
        if (traceParent is not null)
            request.Headers.Add("traceparent", traceParent);
        using var response = await _client.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Everything is exported when this is done.</summary>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal sealed record Answers(IWebhookProcessor? Processor);

    /// <summary>Resolved by the batcher; the test's own object answers.</summary>
    internal sealed class Forward(Answers answers) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            answers.Processor!.ProcessAsync(webhook, cancellationToken);

        public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken) =>
            answers.Processor!.ProcessBatchAsync(batch, cancellationToken);
    }
}
