using MassTransit;
using MassTransit.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public class OrderHooks : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        Task.FromResult(webhook.Webhook.Body.Length == 0 ? WebhookResult.Fail("The body is empty.") : WebhookResult.Success());
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
            x.UsingRedis((context, cfg) => cfg.ConfigureEndpoints(context));
        });
    }

    public static async Task EnqueueAsync(IWebhookQueue webhooks, Webhook webhook)
    {
        await webhooks.EnqueueAsync(webhook, priority: 10);
    }

    public static void Receive(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceiver("github", r => r
            .GitHub(o => o.Secrets.Add(builder.Configuration["Webhooks:GitHub:Secret"]!))
            .Priority(5));
        builder.Services.AddWebhookReceiver("stripe", r => r
            .Stripe(o => o.Secrets.Add(builder.Configuration["Webhooks:Stripe:Secret"]!))
            .Priority(10));
    }

    public static void Map(WebApplication app)
    {
        app.MapWebhooks("/webhooks/{receiver}");
    }
}
