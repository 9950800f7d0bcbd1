using MassTransit.Configuration;
using MassTransit.Observables;
using MassTransit.Topology;
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

    /// <summary>
    /// Creates the configuration. Entities are named as on RabbitMQ (<c>Namespace:Type</c>), so that a bus keeps its names when it changes
    /// the transport.
    /// </summary>
    public static RedisBusConfiguration Create() =>
        new(new RedisTopologyConfiguration(new MessageTopology(
            new MessageNameFormatterEntityNameFormatter(new DefaultMessageNameFormatter("::", "--", ":", "-")))));

    public ConnectHandle ConnectBusObserver(IBusObserver observer) => _busObservers.Connect(observer);

    public ConnectHandle ConnectEndpointConfigurationObserver(IEndpointConfigurationObserver observer) =>
        HostConfiguration.ConnectEndpointConfigurationObserver(observer);
}
