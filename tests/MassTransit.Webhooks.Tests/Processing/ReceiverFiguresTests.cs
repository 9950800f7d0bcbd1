using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>What an operator sees of a processor in another process.</summary>
public sealed class ReceiverFiguresTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task The_workers_of_a_processor_are_shown_among_the_receivers_of_its_queue()
    {
        await using var app = await WebhookApp.OnRedisAsync(redis.Server, w =>
        {
            w.AddProcessor<FixedProcessor>(p => (p.Workers, p.BatchSize) = (7, 3));
            w.AddProcessor<ScalingProcessor>(p =>
            {
                p.BatchSize = 1;
                p.AutoScale(2, 9);
            });
        });
        var queues = app.Services.GetRequiredService<IRedisQueues>();

        await Eventually.TrueAsync(async () => (await queues.ListReceiversAsync()).Count == 2, message: "both endpoints are listed");
        var receivers = await queues.ListReceiversAsync();
        Assert.Contains(receivers,
            x => (x.WorkerLimit, x.ConfiguredWorkers, x.ActiveWorkers, x.WaitingBatches, x.Prefetch) == (7, 7, 0, 0, 42));
        Assert.Contains(receivers,
            x => (x.ConfiguredWorkers, x.ActiveWorkers, x.WaitingBatches) == (9, 0, 0) && x.WorkerLimit is >= 2 and <= 9);
        Assert.All(receivers, x => Assert.Null(x.MedianLatency));
    }

    sealed class FixedProcessor : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(WebhookResult.Success());
    }

    sealed class ScalingProcessor : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(WebhookResult.Success());
    }
}
