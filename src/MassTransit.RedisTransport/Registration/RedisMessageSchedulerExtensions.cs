using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Registration;
using MassTransit.RedisTransport.Scheduling;
using MassTransit.Scheduling;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Adds a scheduler that delays messages in Redis itself, to the millisecond, and can cancel them.</summary>
public static class RedisMessageSchedulerExtensions
{
    /// <summary>
    /// Schedules messages of consumers and sagas in Redis. In contrast to <c>UseDelayedMessageScheduler</c>, a scheduled message can be
    /// cancelled until a receiver has taken it.
    /// </summary>
    /// <param name="configurator">The bus on Redis.</param>
    public static void UseRedisMessageScheduler(this IBusFactoryConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.AddPrePipeSpecification(new RedisMessageSchedulerSpecification());
    }

    /// <summary>Adds an <see cref="IMessageScheduler"/> that schedules in Redis to the container.</summary>
    /// <param name="configurator">The registration configurator of a bus on Redis.</param>
    public static void AddRedisMessageScheduler(this IBusRegistrationConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        if (TypedBus.TryCall(configurator, typeof(RedisMessageSchedulerExtensions), nameof(AddRedisMessageScheduler)))
            return;

        configurator.TryAddScoped<IMessageScheduler>(provider => Create(provider.GetRequiredService<Bind<IBus, IBusInstance>>().Value));
    }

    /// <summary>Adds a scheduler for one bus of several to the container, bound to that bus.</summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <param name="configurator">The registration configurator of a bus on Redis.</param>
    public static void AddRedisMessageScheduler<TBus>(this IBusRegistrationConfigurator<TBus> configurator)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.TryAddScoped(provider => Bind<TBus>
            .Create<IMessageScheduler>(Create(provider.GetRequiredService<IBusInstance<TBus>>())));
    }

    static MessageScheduler Create(IBusInstance bus)
    {
        var host = bus.HostConfiguration as RedisHostConfiguration
            ?? throw new ConfigurationException("The Redis message scheduler needs a bus configured by UsingRedis.");
        return new MessageScheduler(new RedisScheduleMessageProvider(host.Engine, bus.Bus), bus.Bus.Topology);
    }
}
