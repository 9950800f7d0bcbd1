using System.Text;
using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Embedded;

// A Redis-compatible server inside this process: nothing to install. In production, give cfg.Host() the address of your Redis.
await using var redis = await EmbeddedRedis.StartAsync();

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add("a-secret-for-a-try")));
builder.Services.Configure<MassTransitHostOptions>(o => o.WaitUntilStarted = true); // Takes no request before the processor's queue exists.
builder.Services.AddMassTransit(x =>
{
    x.DisableUsageTelemetry();
    x.AddWebhooks(w =>
    {
        w.UseRedis();
        w.AddProcessor<PrintHooks>();
    });
    x.UsingRedis((context, cfg) =>
    {
        cfg.Host(redis.ConnectionString);
        cfg.ConfigureEndpoints(context);
    });
});

var app = builder.Build();
app.MapWebhooks("/webhooks/{receiver}");
await app.RunAsync();

class PrintHooks : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{webhook.Webhook.EventType}: {Encoding.UTF8.GetString(webhook.Webhook.Body)}");
        return Task.FromResult(WebhookResult.Success());
    }
}
