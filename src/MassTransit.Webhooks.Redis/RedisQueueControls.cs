using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.Webhooks.Redis;

/// <summary>Lets processors obey what operators set for their queues on Redis.</summary>
/// <param name="connection">The connection of the bus. It exists only after the bus has been created.</param>
internal sealed class RedisQueueControls(Lazy<BusConnection> connection) : IQueueControl
{
    public IDisposable Follow(string queue, Func<QueueOrder, int> follower) =>
        connection.Value.Controls.Of(queue).Follow(x => follower(new QueueOrder(x.IsPaused, x.Workers > 0 ? x.Workers : null,
            x.Limit > 0 ? x.Limit : null)));

    public void GiveBack(ConsumeContext context)
    {
        if (context.TryGetPayload<RedisReceiveContext>(out var received))
            received.IsGivenBack = true;
    }

    public bool IsGivenBack(ConsumeContext context) =>
        context.TryGetPayload<RedisReceiveContext>(out var received) && received.IsGivenBack;
}
