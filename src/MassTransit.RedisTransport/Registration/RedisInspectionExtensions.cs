using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Administration;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Registration;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit;

/// <summary>Adds the services for operators of a bus on Redis.</summary>
public static class RedisInspectionExtensions
{
    /// <summary>
    /// Adds <see cref="IRedisQueues"/>, <see cref="IRedisDeadLetters"/>, <see cref="IRedisOperations"/>, <see cref="IRedisTrash"/>,
    /// <see cref="IRedisAudit"/> and <see cref="IRedisFindings"/> to the container. They can be used even if the bus is not started. Each
    /// registered <see cref="IOperationAudit"/> gets what is written to the audit.
    /// </summary>
    /// <param name="configurator">The registration configurator of a bus on Redis.</param>
    public static void AddRedisQueues(this IBusRegistrationConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        if (TypedBus.TryCall(configurator, typeof(RedisInspectionExtensions), nameof(AddRedisQueues)))
            return;

        AddFeed(configurator);
        configurator.TryAddSingleton(provider => Bind<IBus>.Create(
            Services<IBus>(provider, provider.GetRequiredService<Bind<IBus, IBusInstance>>().Value)));
        AddPlain<IRedisQueues>(x => x.Queues);
        AddPlain<IRedisDeadLetters>(x => x.DeadLetters);
        AddPlain<IRedisAudit>(x => x.Audit);
        AddPlain<IRedisFindings>(x => x.Findings);
        AddPlain<IRedisOperations>(x => x.Operations);
        AddPlain<IRedisTrash>(x => x.Trash);
        configurator.TryAddSingleton(provider => Bind<IBus>.Create(Of<IBus>(provider).Connection));
        configurator.TryAddSingleton(provider => Bind<IBus>.Create<IDeadLetterSources>(Of<IBus>(provider).Queues));

        // What the application has registered itself takes the place of these, for those that ask by the bus too.
        void AddPlain<T>(Func<OperatorServices, T> select)
            where T : class
        {
            configurator.TryAddSingleton(provider => select(Of<IBus>(provider)));
            configurator.TryAddSingleton(provider => Bind<IBus>.Create(provider.GetRequiredService<T>()));
        }
    }

    /// <summary>Adds the same services for one bus of several, as <c>Bind&lt;TBus, IRedisQueues&gt;</c> and so on.</summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <param name="configurator">The registration configurator of a bus on Redis.</param>
    public static void AddRedisQueues<TBus>(this IBusRegistrationConfigurator<TBus> configurator)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(configurator);
        AddFeed(configurator);
        configurator.TryAddSingleton(provider => Bind<TBus>.Create(
            Services<TBus>(provider, provider.GetRequiredService<IBusInstance<TBus>>())));
        Add<IRedisQueues>(x => x.Queues);
        Add<IRedisDeadLetters>(x => x.DeadLetters);
        Add<IRedisAudit>(x => x.Audit);
        Add<IRedisFindings>(x => x.Findings);
        Add<IRedisOperations>(x => x.Operations);
        Add<IRedisTrash>(x => x.Trash);
        Add(x => x.Connection);
        Add<IDeadLetterSources>(x => x.Queues);

        void Add<T>(Func<OperatorServices, T> select)
            where T : class => configurator.TryAddSingleton(provider => Bind<TBus>.Create(select(Of<TBus>(provider))));
    }

    /// <summary>One for all buses of the process. The container disposes it.</summary>
    static void AddFeed(IServiceCollection services) => services.TryAddSingleton(provider => new AuditFeed(
        () => [.. provider.GetServices<IOperationAudit>()],
        provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(RedisAdministration).FullName!) ?? NullLogger.Instance));

    static OperatorServices Of<TBus>(IServiceProvider provider)
        where TBus : class, IBus => provider.GetRequiredService<Bind<TBus, OperatorServices>>().Value;

    static OperatorServices Services<TBus>(IServiceProvider provider, IBusInstance bus)
        where TBus : class, IBus => bus.HostConfiguration is RedisHostConfiguration host
        ? new OperatorServices(host.Engine, host.PublishTopology, host.Consumed, provider.GetRequiredService<AuditFeed>(),
            provider.GetService<Bind<TBus, RedisHealthOptions>>()?.Value)
        : throw new ConfigurationException("AddRedisQueues needs a bus configured by UsingRedis.");
}
