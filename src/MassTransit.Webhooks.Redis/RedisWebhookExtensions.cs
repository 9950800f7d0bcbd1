using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Inspection;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace MassTransit;

/// <summary>Configures webhooks on the Redis transport.</summary>
public static class RedisWebhookExtensions
{
    /// <summary>
    /// Enables the features of the Redis transport for webhooks: priorities, counts of the queues
    /// (<see cref="IWebhookQueue.GetMetricsAsync"/>), and dead letters that can be listed, replayed and purged
    /// (<see cref="IWebhookDeadLetters"/>). Adds <see cref="IRedisQueues"/> and <see cref="IRedisDeadLetters"/> too.
    /// </summary>
    /// <remarks>If the bus is on another transport, its creation throws a <see cref="ConfigurationException"/>.</remarks>
    /// <param name="configurator">The webhooks of a bus that is configured by <c>UsingRedis</c>.</param>
    /// <exception cref="ConfigurationException">Another transport was configured before.</exception>
    public static void UseRedis(this IWebhookConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.Registration.VisitBus(new Addition(configurator));
    }

    /// <summary>
    /// Lets operators' pages show the webhooks in dead letters: receiver, event type, tenant, headers and body of the sender.
    /// <see cref="UseRedis"/> calls it; it is for a process without a bus (<c>AddRedisAdministration</c>).
    /// </summary>
    /// <param name="services">The services of the application.</param>
    public static IServiceCollection AddRedisWebhookDescriber(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRedisMessageDescriber, WebhookDescriber>());
        return services;
    }

    sealed class Addition(IWebhookConfigurator configurator) : IBusVisitor
    {
        public void Visit<TBus>()
            where TBus : class, IBus
        {
            var registration = configurator.Registration;
            configurator.UseTransport(x => new RedisWebhookTransport(
                new Lazy<IRedisQueues>(() => x.GetOfBus<TBus, IRedisQueues>(), LazyThreadSafetyMode.PublicationOnly)));
            registration.AddRedisQueues();
            registration.AddRedisWebhookDescriber();
            registration.TryAddSingleton(x => Bind<TBus>.Create(new RedisBusConnection(x.GetOfBus<TBus, BusConnection>())));
            registration.TryAddSingleton(x => Bind<TBus>.Create<ISendLimits>(x.GetOfBus<TBus, RedisBusConnection>()));
            registration.TryAddToBus<TBus, IWebhookConnection<IDatabase>>(x => x.GetOfBus<TBus, RedisBusConnection>());
            registration.TryAddSingleton(x => Bind<TBus>
                .Create<IBundlePublishing>(new RedisBundlePublishing(x.GetOfBus<TBus, IRedisQueues>())));
            registration.TryAddSingleton(_ => Bind<TBus>.Create<IBundleConsuming>(new RedisBundleConsuming()));
            registration.TryAddSingleton(_ => Bind<TBus>.Create<IProcessorReporting>(new RedisProcessorReporting()));
            registration.RemoveAll<Bind<TBus, IQueueControl>>();
            registration.AddSingleton(x => Bind<TBus>.Create<IQueueControl>(new RedisQueueControls(
                new Lazy<BusConnection>(() => x.GetOfBus<TBus, BusConnection>(), LazyThreadSafetyMode.PublicationOnly))));
            registration.ReplaceInBus<TBus, IWebhookDeadLetters>(x =>
                new RedisWebhookDeadLetters(x.GetOfBus<TBus, IRedisQueues>(), x.GetOfBus<TBus, IRedisDeadLetters>(),
                    x.GetOfBus<TBus, IDeadLetterSources>()));
            WebhookRegistry<TBus>.Of(registration).UseBundles();
        }
    }
}
