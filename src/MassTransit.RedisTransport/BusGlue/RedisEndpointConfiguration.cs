using MassTransit.Configuration;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>
/// The pipes and topology of one endpoint. Each endpoint has its own consume topology and sends by the topology of the bus.
/// </summary>
internal class RedisEndpointConfiguration : EndpointConfiguration
{
    protected RedisEndpointConfiguration(RedisTopologyConfiguration topology)
        : base(topology)
    {
        RedisTopology = topology;
    }

    RedisEndpointConfiguration(RedisEndpointConfiguration parent, RedisTopologyConfiguration topology, bool isBusEndpoint)
        : base(parent, topology, isBusEndpoint)
    {
        RedisTopology = topology;
    }

    public RedisTopologyConfiguration RedisTopology { get; }

    public RedisEndpointConfiguration CreateEndpointConfiguration(bool isBusEndpoint = false) =>
        new(this, RedisTopology.ForEndpoint(), isBusEndpoint);
}
