using MassTransit.Configuration;
using MassTransit.Observables;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>The root of one bus's configuration.</summary>
internal sealed class RedisBusConfiguration : RedisEndpointConfiguration, IBusConfiguration
{
    readonly BusObservable _busObservers = new();

    RedisBusConfiguration(RedisTopologyConfiguration topology)
        : base(topology)
    {
        HostConfiguration = new RedisHostConfiguration(this, topology);
        BusEndpointConfiguration = CreateEndpointConfiguration(isBusEndpoint: true);
    }

    public RedisHostConfiguration HostConfiguration { get; }

    public RedisEndpointConfiguration BusEndpointConfiguration { get; }

    IHostConfiguration IBusConfiguration.HostConfiguration => HostConfiguration;

    IEndpointConfiguration IBusConfiguration.BusEndpointConfiguration => BusEndpointConfiguration;

    IBusObserver IBusConfiguration.BusObservers => _busObservers;

    /// <summary>Creates the configuration.</summary>
    public static RedisBusConfiguration Create() => new(new RedisTopologyConfiguration(DefaultMessageTopics.CreateMessageTopology()));

    public ConnectHandle ConnectBusObserver(IBusObserver observer) => _busObservers.Connect(observer);

    public ConnectHandle ConnectEndpointConfigurationObserver(IEndpointConfigurationObserver observer) =>
        HostConfiguration.ConnectEndpointConfigurationObserver(observer);
}
