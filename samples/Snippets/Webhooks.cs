using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public interface IOrders
{
    Task<IReadOnlySet<string>> StoreAsync(IEnumerable<Webhook> webhooks, CancellationToken cancellationToken);
}

public class OrderHooks(IOrders orders) : IWebhookProcessor
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken))[0];

    public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
        CancellationToken cancellationToken)
    {
        // One round trip for the batch, and a result for each webhook of it.
        var stored = await orders.StoreAsync(batch.Select(x => x.Webhook), cancellationToken);
        return [.. batch.Select(x => stored.Contains(x.Webhook.Id)
            ? WebhookResult.Success() : WebhookResult.Retry(reason: "The order is locked."))];
    }
}

public class PartnerSecrets : IWebhookSecretProvider
{
    public ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken) =>
        new(Array.Empty<string>());
}

public static class WebhookUse
{
    public static void Process(IServiceCollection services)
    {
        services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<OrderHooks>(p =>
                {
                    p.Receivers("stripe", "github");
                    p.AutoScale(min: 5, max: 50);
                    p.BatchSize = 100;
                    p.BatchTimeLimit = TimeSpan.FromMilliseconds(5);
                    p.Retry(r => r.Exponential(3, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100)));
                    p.Redelivery(r => r.Intervals(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)));
                });
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host("redis://localhost:6379/0", h => h.KeyPrefix("shop"));
                cfg.ConfigureEndpoints(context);
            });
        });
    }

    public static void Tune(IBusRegistrationConfigurator x)
    {
        x.AddConfigureEndpointsCallback((_, endpoint) =>
        {
            if (endpoint is IRedisReceiveEndpointConfigurator redis)
            {
                redis.LeaseDuration = TimeSpan.FromSeconds(15);
                redis.PriorityAging = TimeSpan.FromSeconds(2);
            }
        });
    }

    public static async Task EnqueueAsync(IWebhookQueue webhooks, Webhook webhook, IReadOnlyList<Webhook> many)
    {
        await webhooks.EnqueueAsync(webhook, priority: 10);
        await webhooks.EnqueueBatchAsync(many);
    }

    public static void Receive(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceiver("github", r => r
            .GitHub()
            .Configure(builder.Configuration.GetSection("Webhooks:GitHub"))
            .Priority(5));
        builder.Services.AddWebhookReceiver("stripe", r => r
            .Stripe()
            .Configure(builder.Configuration.GetSection("Webhooks:Stripe"))
            .Priority(10));
        builder.Services.AddRedisDeduplication();
    }

    public static void Declare(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceiver("billing", r => r
            .Hmac(h =>
            {
                h.Header = "X-Billing-Signature";
                h.Prefix = "sha256=";
                h.SignedContent = "{id}.{timestamp}.{body}";
                h.IdHeader = "X-Billing-Id";
                h.TimestampHeader = "X-Billing-Timestamp";
            })
            .Configure(builder.Configuration.GetSection("Webhooks:Billing")));
        builder.Services.AddWebhookReceiver("partners", r => r.StandardWebhooks().SecretsFrom<PartnerSecrets>());
    }

    public static void Limit(WebApplicationBuilder builder)
    {
        builder.Services.Configure<WebhookIngressOptions>(o =>
        {
            o.MaxUnverifiedBytes = 64 * 1024 * 1024;
            o.BodyTimeout = TimeSpan.FromSeconds(10);
        });
    }

    public static void Map(WebApplication app)
    {
        app.MapWebhooks("/webhooks/{receiver}");
    }
}
