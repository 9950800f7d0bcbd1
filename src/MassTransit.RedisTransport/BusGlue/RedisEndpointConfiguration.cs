using MassTransit.Configuration;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>One endpoint's pipes and topology; each endpoint consumes by a topology of its own and sends by the bus's.</summary>
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
