using MassTransit.Transports;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Starts the receiving of an endpoint, each time with a new agent, so that the endpoint can be stopped and started again.
/// </summary>
internal sealed class RedisReceiveTransport(RedisReceiveEndpointContext context, RedisReceiveSettings settings, Liveness liveness,
    StartMaintenance startMaintenance)
    : IReceiveTransport
{
    public ReceiveTransportHandle Start() => new ReceiveAgent(context, settings, liveness, startMaintenance);

    public void Probe(ProbeContext probe)
    {
        var scope = probe.CreateScope("receiveTransport");
        scope.Add("type", "Redis");
        scope.Set(new
        {
            Address = context.InputAddress,
            context.PrefetchCount,
            context.ConcurrentMessageLimit,
            settings.LeaseDuration,
            settings.MaxDeliveryCount,
            settings.PriorityAging,
            settings.AutoDeleteOnIdle,
            Topics = settings.Topics.Distinct(StringComparer.Ordinal).ToArray(),
        });
    }

    public ConnectHandle ConnectReceiveObserver(IReceiveObserver observer) => context.ConnectReceiveObserver(observer);

    public ConnectHandle ConnectReceiveTransportObserver(IReceiveTransportObserver observer) =>
        context.ConnectReceiveTransportObserver(observer);

    public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => context.ConnectPublishObserver(observer);

    public ConnectHandle ConnectSendObserver(ISendObserver observer) => context.ConnectSendObserver(observer);
}
