using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public record OrderPlaced
{
    public int Number { get; init; }
}

public class OrderWebhooks : IConsumer<Batch<OrderPlaced>>
{
    public Task Consume(ConsumeContext<Batch<OrderPlaced>> context) => Task.CompletedTask;
}

public static class UseIt
{
    public static void Configure(IServiceCollection services)
    {
        services.AddMassTransit(x =>
        {
            x.AddConsumer<OrderWebhooks>(c => c.Options<BatchOptions>(o => o.SetMessageLimit(100).SetTimeLimit(ms: 5)));
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host("redis://localhost:6379/0", h => h.KeyPrefix("shop"));
                cfg.UseDelayedRedelivery(r => r.Intervals(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)));
                cfg.UseMessageRetry(r =>
                    r.Exponential(3, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(200)));
                cfg.ReceiveEndpoint("orders", e =>
                {
                    e.PrefetchCount = 200;
                    e.LeaseDuration = TimeSpan.FromSeconds(30);
                    e.MaxDeliveryCount = 5;
                    e.PriorityAging = TimeSpan.FromSeconds(2);
                    e.ConfigureConsumer<OrderWebhooks>(context);
                });
                cfg.ConfigureEndpoints(context);
            });
        });
    }

    public static async Task PublishAsync(IBus bus)
    {
        await bus.Publish(new OrderPlaced { Number = 4711 }, p => p.SetPriority(10));
    }
}
