using System.Collections.Concurrent;
using System.Text;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>A processor that takes only bodies without the word "bad", and remembers them.</summary>
public sealed class FailingWebhooks(WebhookInbox inbox) : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetString(webhook.Webhook.Body);
        if (body.Contains("bad", StringComparison.Ordinal))
            throw new InvalidOperationException("The order is not known.");
        inbox.Items.Enqueue((webhook.Webhook.Id, body));
        return Task.FromResult(WebhookResult.Success());
    }

    /// <summary>An application whose webhooks fail, with these as dead letters.</summary>
    public static async Task<DashboardHost> StartAsync(TestServer server, IReadOnlyList<Webhook> webhooks,
        Action<DashboardHostOptions>? configure = null)
    {
        var host = await DashboardHost.StartAsync(server, x =>
        {
            x.Services = services => services.AddSingleton<WebhookInbox>()
                .Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
            x.Register = register => register.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<FailingWebhooks>(p =>
                {
                    p.QueueName = "hooks";
                    p.Retry(r => r.None());
                    p.Redelivery(r => r.None());
                });
            });
            x.Bus = (context, cfg) => cfg.ConfigureEndpoints(context);
            configure?.Invoke(x);
        });
        var queue = host.Services.GetRequiredService<IWebhookQueue>();
        foreach (var webhook in webhooks)
            await queue.EnqueueAsync(webhook);
        await Eventually.EqualAsync(webhooks.Count, async () => (int)await host.Seeds.CountAsync("hooks_error"));
        return host;
    }
}

/// <summary>Which webhooks were processed, with their bodies.</summary>
public sealed class WebhookInbox
{
    public ConcurrentQueue<(string Id, string Body)> Items { get; } = new();
}
