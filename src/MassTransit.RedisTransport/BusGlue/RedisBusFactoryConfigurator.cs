using MassTransit.Configuration;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Receiving;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>The configurator that the user gets as <c>cfg</c>.</summary>
internal sealed class RedisBusFactoryConfigurator : BusFactoryConfigurator, IRedisBusFactoryConfigurator, IBusFactory
{
    readonly RedisBusConfiguration _bus;
    readonly RedisHostConfiguration _host;
    readonly RedisReceiveSettings _busSettings;

    public RedisBusFactoryConfigurator(RedisBusConfiguration bus)
        : base(bus)
    {
        _bus = bus;
        _host = bus.HostConfiguration;
        _busSettings = new RedisReceiveSettings(bus.Topology.Consume.CreateTemporaryQueueName("bus"))
        {
            AutoDeleteOnIdle = RedisReceiveSettings.TemporaryIdle,
        };
        ConnectConsumerConfigurationObserver(new BatchLinks());
    }

    public IReceiveEndpointConfiguration CreateBusEndpointConfiguration(Action<IReceiveEndpointConfigurator> configure) =>
        _host.CreateReceiveEndpointConfiguration(_busSettings, _bus.BusEndpointConfiguration, configure);

    public void Host(string address, Action<IRedisHostConfigurator>? configure = null) => Host(x => x.UseAddress(address), configure);

    public void Host(Uri address, Action<IRedisHostConfigurator>? configure = null) => Host(x => x.UseAddress(address), configure);

    public void Host(ConfigurationOptions options, Action<IRedisHostConfigurator>? configure = null) =>
        Host(x => x.UseOptions(options), configure);

    public void Host(IConnectionMultiplexer connection, Action<IRedisHostConfigurator>? configure = null) =>
        Host(x => x.UseConnection(connection), configure);

    public void OverrideDefaultBusEndpointQueueName(string queueName) => _busSettings.QueueName = queueName;

    public void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter,
        Action<IRedisReceiveEndpointConfigurator>? configureEndpoint = null) =>
        _host.ReceiveEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter,
        Action<IReceiveEndpointConfigurator>? configureEndpoint = null) =>
        _host.ReceiveEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public void ReceiveEndpoint(string queueName, Action<IRedisReceiveEndpointConfigurator> configureEndpoint) =>
        _host.ReceiveEndpoint(queueName, configureEndpoint);

    public void ReceiveEndpoint(string queueName, Action<IReceiveEndpointConfigurator> configureEndpoint) =>
        _host.ReceiveEndpoint(queueName, configureEndpoint);

    void Host(Action<RedisHostConfigurator> where, Action<IRedisHostConfigurator>? configure)
    {
        var configurator = new RedisHostConfigurator(_host.Engine.Settings);
        where(configurator);
        configure?.Invoke(configurator);
    }
}
