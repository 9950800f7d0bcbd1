using MassTransit.RedisTransport.BusGlue;

namespace MassTransit;

/// <summary>Configures a bus on Redis.</summary>
public static class RedisBusFactoryConfiguratorExtensions
{
    /// <summary>
    /// Configures the bus to use Redis. The address comes from <see cref="RedisTransportOptions"/>, unless <c>cfg.Host</c> sets it.
    /// </summary>
    /// <param name="configurator">The registration configurator (<c>AddMassTransit</c>).</param>
    /// <param name="configure">Configures the bus; call <c>cfg.ConfigureEndpoints(context)</c> here.</param>
    public static void UsingRedis(this IBusRegistrationConfigurator configurator,
        Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.SetBusFactory(new RedisRegistrationBusFactory(configure));
    }

    /// <summary>Creates a bus on Redis without a container.</summary>
    /// <param name="selector"><c>Bus.Factory</c></param>
    /// <param name="configure">Configures the bus.</param>
    /// <returns>The bus, not started.</returns>
    /// <exception cref="ConfigurationException">The configuration is not valid. The message names each option and the cure.</exception>
    public static IBusControl CreateUsingRedis(this IBusFactorySelector selector, Action<IRedisBusFactoryConfigurator>? configure = null)
    {
        var bus = RedisBusConfiguration.Create();
        var configurator = new RedisBusFactoryConfigurator(bus);
        configure?.Invoke(configurator);
        return configurator.Build(bus);
    }
}
