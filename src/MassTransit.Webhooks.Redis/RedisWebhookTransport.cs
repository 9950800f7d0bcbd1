using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Receiving;
using MassTransit.RedisTransport.Sending;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Redis;

/// <summary>Priorities, refusals and counts of the Redis transport.</summary>
internal sealed class RedisWebhookTransport(IServiceProvider services) : IWebhookTransport, IWebhookBundleTransport
{
    public string Name => "Redis";

    public bool CanDelay => true;

    public void ApplyPriority(SendContext context, byte priority) => context.TrySetPriority(priority);

    public bool IsNotRouted(Exception exception) => exception is RedisMessageNotRoutedException;

    public async Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken)
    {
        var queues = services.GetRequiredService<IRedisQueues>();
        var names = await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false);
        var counts = (await ReadAsync(queues, names, cancellationToken).ConfigureAwait(false))
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

    public async ValueTask<bool> TakesBundlesAsync(CancellationToken cancellationToken)
    {
        var queues = services.GetRequiredService<IRedisQueues>();
        var subscribers = await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false);
        if (subscribers.Count == 0)
            return false;

        var takers = await queues.ListSubscribersAsync<WebhookBundle>(cancellationToken).ConfigureAwait(false);
        return subscribers.Count == takers.Count && subscribers.SequenceEqual(takers);
    }

    public PublishLimits CreateLimits() => new(
        (services.GetRequiredService<IRedisQueues>() as RedisQueues)?.SendTimeout ?? TimeSpan.FromSeconds(10),
        cancellation => (services.GetRequiredService<IRedisQueues>() as RedisQueues)?.PingAsync(cancellation) ?? Task.CompletedTask,
        static (message, cause) => cause is null
            ? new RedisTransportException(message) { IsTransient = true }
            : new RedisTransportException(message, cause) { IsTransient = true });

    public void Weigh(SendContext context, int count)
    {
        if (context.TryGetPayload<IRedisSendContext>(out var redis))
            redis.Extra = (byte)(count - 1);
    }

    public int CountOf(ConsumeContext context) => context.TryGetPayload<RedisReceiveContext>(out var received) ? 1 + received.Extra : 1;

    public void Return(ConsumeContext context)
    {
        if (context.TryGetPayload<RedisReceiveContext>(out var received))
            received.IsReturned = true;
    }

    public bool IsReturned(ConsumeContext context) => context.TryGetPayload<RedisReceiveContext>(out var received) && received.IsReturned;

    public bool ComesAgain(ConsumeContext context) =>
        context.ReceiveContext.Redelivered || (context.TryGetPayload<RedisReceiveContext>(out var received) && received.WasReturned);

    public Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<WebhookPart> parts) =>
        MessageSplitting.SplitAsync<Webhook>(context,
            [.. parts.Select(x => new MessagePart<Webhook>(x.Webhook, send => WebhookQueue.Describe(send, x.Webhook), x.Result))]);

    public void NoteAttempts(ConsumeContext<Webhook> context, int attempts)
    {
        if (context.TryGetPayload<RedisReceiveContext>(out var received))
            received.Attempts = attempts;
    }

    public WebhookResult? Recall(ConsumeContext<Webhook> context) =>
        context.TryGetPayload<DeliveryMemory>(out var memory) ? memory.Value as WebhookResult : null;

    /// <summary>The queues there are, by name.</summary>
    static async Task<IReadOnlyList<RedisQueueInfo>> ReadAsync(IRedisQueues queues, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (queues is RedisQueues known)
            return await known.ReadAsync(names, cancellationToken).ConfigureAwait(false);

        var subscribed = names.ToHashSet(StringComparer.Ordinal);
        return [.. (await queues.ListAsync(cancellationToken).ConfigureAwait(false)).Where(x => subscribed.Contains(x.Name))];
    }
}
