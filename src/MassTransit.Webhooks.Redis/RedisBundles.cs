using MassTransit.RedisTransport.Receiving;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.Webhooks.Redis;

/// <summary>Publishes bundles to Redis, as records that count as many messages.</summary>
internal sealed class RedisBundlePublishing(IRedisQueues queues) : IBundlePublishing
{
    public async ValueTask<bool> AreBundlesTakenAsync(CancellationToken cancellationToken)
    {
        var subscribers = await queues.ListSubscribersAsync<Webhook>(cancellationToken).ConfigureAwait(false);
        if (subscribers.Count == 0)
            return false;

        var takers = await queues.ListSubscribersAsync<WebhookBundle>(cancellationToken).ConfigureAwait(false);
        return subscribers.Count == takers.Count && subscribers.SequenceEqual(takers);
    }

    public void SetMessageCount(SendContext context, int count)
    {
        if (context.TryGetPayload<IRedisSendContext>(out var redis))
            redis.MessageCount = count;
    }
}

/// <summary>Handles bundles that are received from Redis.</summary>
internal sealed class RedisBundleConsuming : IBundleConsuming
{
    public int GetMessageCount(ConsumeContext context) =>
        context.TryGetPayload<RedisReceiveContext>(out var received) ? received.MessageCount : 1;

    public void Return(ConsumeContext context)
    {
        if (context.TryGetPayload<RedisReceiveContext>(out var received))
            received.IsReturned = true;
    }

    public bool IsReturned(ConsumeContext context) =>
        context.TryGetPayload<RedisReceiveContext>(out var received) && (received.IsReturned || received.IsGivenBack);

    public bool WasDelivered(ConsumeContext context) =>
        context.ReceiveContext.Redelivered || (context.TryGetPayload<RedisReceiveContext>(out var received) && received.WasReturned);

    public Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<BundlePart> parts) =>
        MessageSplitting.SplitAsync<Webhook>(context, [.. parts.Select(x => new MessagePart<Webhook>(x.Webhook, x.Describe, x.Prepare))]);
}
