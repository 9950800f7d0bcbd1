using MassTransit;
using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RabbitMq;

/// <summary>
/// Webhooks on RabbitMQ. What differs from Redis:
/// <list type="bullet">
/// <item>
/// No delay without the plugin rabbitmq_delayed_message_exchange (then <c>UseRabbitMq(delayedExchange: true)</c>). Without it there are
/// retries in memory and no redelivery: a webhook whose retries have failed is a dead letter.
/// </item>
/// <item>Nothing that is delayed can be cancelled.</item>
/// <item>Priorities are strict, 0 to 10 here, and do not age; what a consumer has prefetched is out of the broker's hands.</item>
/// <item>
/// Queues cannot be looked into: <c>IWebhookQueue.GetMetricsAsync</c> and <c>IWebhookDeadLetters</c> throw
/// <see cref="NotSupportedException"/>. The broker's management tools show, move and purge messages.
/// </item>
/// </list>
/// </summary>
static class Bus
{
    const string Queue = "rabbitmq-sample-hooks";
    const byte MaxPriority = 10;

    public static void AddBus(this IHostApplicationBuilder builder, Uri url)
    {
        builder.Services.AddSingleton<Journal>();
        // Nothing is published before the queue is there.
        builder.Services.AddOptions<MassTransitHostOptions>()
            .Configure(x => (x.WaitUntilStarted, x.StartTimeout) = (true, TimeSpan.FromSeconds(15)));
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRabbitMq(MaxPriority);
                w.AddProcessor<ShopHooks>(p =>
                {
                    p.QueueName = Queue;
                    p.Workers = 4;
                    p.BatchSize = 50;
                    p.Retry(r => r.Interval(2, TimeSpan.FromMilliseconds(50)));
                });
            });
            x.AddConsumer<DeadShopHooks>().ExcludeFromConfigureEndpoints();
            x.UsingRabbitMq((context, cfg) =>
            {
                cfg.Host(url);
                // An exchange of the sample's own, should the broker have other applications.
                cfg.Message<Webhook>(m => m.SetEntityName("rabbitmq-sample-webhooks"));
                cfg.ReceiveEndpoint(Queue + "_error", e =>
                {
                    e.ConfigureConsumeTopology = false;
                    // The transport declares it with the arguments of the queue it belongs to.
                    e.EnablePriority(MaxPriority);
                    e.ConfigureConsumer<DeadShopHooks>(context);
                });
                cfg.ConfigureEndpoints(context);
            });
        });
    }
}
