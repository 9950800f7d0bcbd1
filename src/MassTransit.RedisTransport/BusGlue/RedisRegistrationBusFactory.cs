using MassTransit.Configuration;
using MassTransit.RedisTransport.Configuration;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>Creates the bus for a container.</summary>
internal sealed class RedisRegistrationBusFactory : TransportRegistrationBusFactory<IRedisReceiveEndpointConfigurator>
{
    readonly RedisBusConfiguration _bus;
    readonly Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? _configure;

    public RedisRegistrationBusFactory(Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? configure)
        : this(RedisBusConfiguration.Create(), configure)
    {
    }

    RedisRegistrationBusFactory(RedisBusConfiguration bus, Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? configure)
        : base(bus.HostConfiguration)
    {
        _bus = bus;
        _configure = configure;
    }

    public override IBusInstance CreateBus(IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications,
        string busName)
    {
        var configurator = new RedisBusFactoryConfigurator(_bus);
        var options = context.GetRequiredService<IOptionsMonitor<RedisTransportOptions>>().Get(busName);
        new RedisHostConfigurator(_bus.HostConfiguration.Engine.Settings).Apply(options);
        return CreateBus(configurator, context, _configure, specifications);
    }
}
