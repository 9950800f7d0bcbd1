using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Redis;

/// <summary>Priorities, refusals and counts of the Redis transport.</summary>
internal sealed class RedisWebhookTransport(IServiceProvider services) : IWebhookTransport
{
    public string Name => "Redis";

    public bool CanDelay => true;

    public void ApplyPriority(SendContext context, byte priority) => context.TrySetPriority(priority);

    public bool IsNotRouted(Exception exception) => exception is RedisMessageNotRoutedException;

    public async Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken)
    {
        var counts = (await ReadQueuesAsync(services.GetRequiredService<IRedisQueues>(), cancellationToken).ConfigureAwait(false))
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

    /// <summary>The queues that webhooks are published to, by name.</summary>
    static async Task<IReadOnlyList<RedisQueueInfo>> ReadQueuesAsync(IRedisQueues queues, CancellationToken cancellationToken)
    {
        var subscribed = (await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        return [.. (await queues.ListAsync(cancellationToken).ConfigureAwait(false)).Where(x => subscribed.Contains(x.Name))];
    }
}
