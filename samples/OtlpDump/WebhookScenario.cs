using System.Security.Cryptography;
using System.Text;
using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OtlpDump;

/// <summary>
/// A few webhooks and all that can happen to one: taken in, retried, redelivered, dead-lettered, replayed. Its traces go to
/// an OTLP endpoint, and are there when it ends.
/// </summary>
public static class WebhookScenario
{
    const string Secret = "only-for-this-sample";
    const string Queue = "order-hooks";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="endpoint">Where OTLP is received.</param>
    /// <param name="protocol"><c>grpc</c> or <c>http/protobuf</c>.</param>
    /// <param name="redis">A Redis server; <c>null</c> or empty: one inside this process.</param>
    public static async Task RunAsync(string endpoint, string protocol, string? redis = null)
    {
        await using var embedded = string.IsNullOrEmpty(redis) ? await EmbeddedRedis.StartAsync() : null;
        var shop = new Shop();
        await using var app = Build(embedded?.ConnectionString ?? redis!, endpoint, protocol, shop);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        await PostAsync(client, "paid-1", Secret);
        await PostAsync(client, "refused-1", "a wrong secret");
        await PostAsync(client, "broken-1", Secret);

        var deadLetters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await UntilAsync(async () => (await deadLetters.ListAsync($"{Queue}_error")).Entries.Count > 0);
        shop.IsOpen = true;
        await deadLetters.ReplayAllAsync($"{Queue}_error");
        await UntilAsync(() => Task.FromResult(shop.Accepted >= 2));
        await app.StopAsync();
    }

    static WebApplication Build(string redis, string endpoint, string protocol, Shop shop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_SERVICE_NAME"] = "webhooks",
        });
        builder.Services.AddOpenTelemetry().AddWebhookTelemetry();
        builder.Services.AddSingleton(shop);
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddRedisQueues();
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<OrderHooks>(p =>
                {
                    p.Retry(r => r.Immediate(1));
                    p.Redelivery(r => r.Intervals(TimeSpan.FromMilliseconds(300)));
                });
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(redis, h => h.KeyPrefix($"otlp-dump-{Guid.NewGuid():N}"));
                cfg.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret)).Priority(5));

        var app = builder.Build();
        app.MapWebhooks();
        return app;
    }

    static async Task PostAsync(HttpClient client, string id, string secret)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"order":"{{id}}"}""");
        using var request =
            new HttpRequestMessage(HttpMethod.Post, new Uri("/webhooks/github", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", "order.paid");
        request.Headers.Add("X-Hub-Signature-256",
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
        using var response = await client.SendAsync(request);
    }

    static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(Patience);
        while (!await condition())
            await Task.Delay(50, bound.Token);
    }

    /// <summary>What the processor calls.</summary>
    sealed class Shop
    {
        int _accepted;

        public bool IsOpen { get; set; }

        public int Accepted => _accepted;

        public void Accept(string id)
        {
            if (!IsOpen && id.StartsWith("broken", StringComparison.Ordinal))
                throw new TimeoutException("The shop does not answer.");
            Interlocked.Increment(ref _accepted);
        }
    }

    sealed class OrderHooks(Shop shop) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            shop.Accept(webhook.Webhook.Id);
            return Task.FromResult(WebhookResult.Success());
        }
    }
}
