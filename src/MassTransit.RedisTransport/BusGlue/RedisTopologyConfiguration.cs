using MassTransit.Configuration;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Sending;
using MassTransit.Topology;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>The topologies of one bus, or of one of its endpoints.</summary>
internal sealed class RedisTopologyConfiguration : ITopologyConfiguration
{
    public RedisTopologyConfiguration(IMessageTopologyConfigurator messageTopology)
    {
        Message = messageTopology;

        Send = new SendTopology();
        Send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        Send.TryAddConvention(new RoutingKeySendTopologyConvention());
        Send.TryAddConvention(new PartitionKeySendTopologyConvention());

        RedisPublish = new RedisPublishTopology(messageTopology);
        RedisPublish.ConnectPublishTopologyConfigurationObserver(new DelegatePublishTopologyConfigurationObserver(GlobalTopology.Publish));
        RedisPublish.ConnectPublishTopologyConfigurationObserver(new PublishToSendTopologyConfigurationObserver(Send));

        Consume = new RedisConsumeTopology();
    }

    RedisTopologyConfiguration(RedisTopologyConfiguration bus)
    {
        Message = bus.Message;
        Send = bus.Send;
        RedisPublish = bus.RedisPublish;
        Consume = new RedisConsumeTopology();
    }

    public IMessageTopologyConfigurator Message { get; }

    public ISendTopologyConfigurator Send { get; }

    public RedisPublishTopology RedisPublish { get; }

    public IPublishTopologyConfigurator Publish => RedisPublish;

    public IConsumeTopologyConfigurator Consume { get; }

    public RedisTopologyConfiguration ForEndpoint() => new(this);

    public IEnumerable<ValidationResult> Validate() => Send.Validate().Concat(Publish.Validate()).Concat(Consume.Validate());

    /// <summary>A consume topology whose names leave room for the suffixes of the dead-letter queues.</summary>
    sealed class RedisConsumeTopology() : ConsumeTopology(QueueName.MaxEndpointLength);
}
