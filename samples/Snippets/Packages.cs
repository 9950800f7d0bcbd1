using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

// What the packages' own READMEs show.

public record OrderShipped;

public class OrderConsumer : IConsumer<OrderShipped>
{
    public Task Consume(ConsumeContext<OrderShipped> context) => Task.CompletedTask;
}

public class PaymentHooks : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        Task.FromResult(webhook.Webhook.EventType == "charge.refunded"
            ? WebhookResult.Fail("Refunds are not known yet.") : WebhookResult.Success());
}

public static class Packages
{
    public static void Transport(IServiceCollection services)
    {
        services.AddMassTransit(x =>
        {
            x.AddConsumer<OrderConsumer>();
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host("redis://localhost:6379/0");
                cfg.ConfigureEndpoints(context);
            });
        });
    }

    public static void Redis(IServiceCollection services)
    {
        services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<PaymentHooks>();
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host("redis://localhost:6379/0");
                cfg.ConfigureEndpoints(context);
            });
        });
    }

    public static void RabbitMq(IServiceCollection services)
    {
        services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRabbitMq();
                w.AddProcessor<PaymentHooks>();
            });
            x.UsingRabbitMq((context, cfg) =>
            {
                cfg.Host("amqp://guest:guest@localhost:5672/");
                cfg.ConfigureEndpoints(context);
            });
        });
    }

    public static void Receive(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceiver("github", r => r
            .GitHub()
            .Configure(builder.Configuration.GetSection("Webhooks:GitHub")));
    }

    public static async Task EmbedAsync()
    {
        await using var redis = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { DataFolder = "data" });
        Console.WriteLine($"A Redis listens on port {redis.Port}.");
    }
}
