using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Registration;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Adds the inspection of the queues of a bus on Redis.</summary>
public static class RedisInspectionExtensions
{
    /// <summary>
    /// Adds <see cref="IRedisQueues"/> and <see cref="IRedisDeadLetters"/> to the container. They can be used even if the bus is not
    /// started.
    /// </summary>
    /// <param name="configurator">The registration configurator of a bus on Redis.</param>
    public static void AddRedisQueues(this IBusRegistrationConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        if (TypedBus.TryCall(configurator, typeof(RedisInspectionExtensions), nameof(AddRedisQueues)))
            return;

        configurator.TryAddSingleton<IRedisQueues>(provider => Queues(Host(provider)));
        configurator.TryAddSingleton<IRedisDeadLetters>(provider => DeadLetters(Host(provider)));
        configurator.TryAddSingleton(provider => Bind<IBus>.Create(provider.GetRequiredService<IRedisQueues>()));
        configurator.TryAddSingleton(provider => Bind<IBus>.Create(provider.GetRequiredService<IRedisDeadLetters>()));
        configurator.TryAddSingleton(provider => Bind<IBus>.Create(Connection(Host(provider))));

        static RedisHostConfiguration Host(IServiceProvider provider) =>
            HostOf(provider.GetRequiredService<Bind<IBus, IBusInstance>>().Value);
    }

    /// <summary>
    /// Adds both services for one bus of several, as <c>Bind&lt;TBus, IRedisQueues&gt;</c> and <c>Bind&lt;TBus, IRedisDeadLetters&gt;</c>.
    /// </summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <param name="configurator">The registration configurator of a bus on Redis.</param>
    public static void AddRedisQueues<TBus>(this IBusRegistrationConfigurator<TBus> configurator)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.TryAddSingleton(provider => Bind<TBus>.Create<IRedisQueues>(Queues(Host(provider))));
        configurator.TryAddSingleton(provider => Bind<TBus>.Create<IRedisDeadLetters>(DeadLetters(Host(provider))));
        configurator.TryAddSingleton(provider => Bind<TBus>.Create(Connection(Host(provider))));

        static RedisHostConfiguration Host(IServiceProvider provider) => HostOf(provider.GetRequiredService<IBusInstance<TBus>>());
    }

    static RedisQueues Queues(RedisHostConfiguration host) => new(host.Engine, host.PublishTopology, host.Consumed);

    static RedisDeadLetters DeadLetters(RedisHostConfiguration host) => new(host.Engine, host.Consumed);

    static BusConnection Connection(RedisHostConfiguration host) => new(host.Engine);

    static RedisHostConfiguration HostOf(IBusInstance bus) =>
        bus.HostConfiguration as RedisHostConfiguration
        ?? throw new ConfigurationException("AddRedisQueues needs a bus configured by UsingRedis.");
}
