using GitHubApp;
using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Embedded;

// Two senders, each read with types: GitHub's by Octokit, an own one by System.Text.Json. The server is inside this process.
await using var redis = await EmbeddedRedis.StartAsync();

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebhookReceivers(builder.Configuration.GetSection("Webhooks:Receivers"));
builder.Services.Configure<MassTransitHostOptions>(o => o.WaitUntilStarted = true);
builder.Services.AddSingleton<Reactions>();
builder.Services.AddMassTransit(x =>
{
    x.DisableUsageTelemetry();
    x.AddWebhooks(w =>
    {
        w.UseRedis();
        w.AddProcessor<GitHubProcessor>(p => p.Receivers("github"));
        w.AddProcessor<ShopProcessor>(p => p.Receivers("shop"));
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
