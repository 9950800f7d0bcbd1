using MassTransit.RedisTransport.Receiving;

namespace MassTransit.Webhooks.Redis;

/// <summary>Implements the priorities, refusals and counts of the Redis transport.</summary>
/// <param name="queues">The queues of the bus. They exist only after the bus has been created.</param>
internal sealed class RedisWebhookTransport(Lazy<IRedisQueues> queues) : IWebhookTransport
{
    public string Name => "Redis";

    public bool CanDelay => true;

    public string? FindMismatch(Uri hostAddress) => hostAddress.Scheme is "redis" or "rediss"
        ? null
        : $"w.UseRedis() was called in AddWebhooks, and the bus is not on Redis ({hostAddress.Scheme}://): configure the bus by "
            + "UsingRedis, or leave w.UseRedis() out (on RabbitMQ call w.UseRabbitMq() instead).";

    public void ApplyPriority(SendContext context, byte priority) => context.TrySetPriority(priority);

    public bool IsNotRouted(Exception exception) => exception is RedisMessageNotRoutedException;

    public void RecordAttempts(ConsumeContext context, int attempts)
    {
        if (context.TryGetPayload<RedisReceiveContext>(out var received))
            received.Attempts = attempts;
    }

    public async Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken)
    {
        var names = await queues.Value.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false);
        var counts = (await queues.Value.ListAsync(names, cancellationToken).ConfigureAwait(false))
            .Select(x => new WebhookQueueCounts(x.Name, x.Ready, x.Leased, x.Delayed, x.DeadLetters, x.Completed)).ToArray();
        return new WebhookQueueMetrics
        {
            QueueSize = counts.Sum(x => x.QueueSize),
            Processing = counts.Sum(x => x.Processing),
            Delayed = counts.Sum(x => x.Delayed),
            DeadLetters = counts.Sum(x => x.DeadLetters),
            Completed = counts.Sum(x => x.Completed),
            Queues = counts,
        };
    }
}
