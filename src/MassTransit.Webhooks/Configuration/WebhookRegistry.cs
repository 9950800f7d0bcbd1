using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks;

/// <summary>Everything that all calls of <c>AddWebhooks</c> have added to the registration of one bus.</summary>
internal sealed class WebhookRegistry<TBus>(IBusRegistrationConfigurator registration)
    where TBus : class, IBus
{
    readonly HashSet<Type> _processors = [];
    readonly List<Action> _bundleConsumers = [];
    readonly SharedQueues _sharedQueues = new();
    Type? _transport;
    bool _hasBundles;

    public IBusRegistrationConfigurator Registration => registration;

    public WebhookOptions Options { get; } = new();

    /// <summary>The registry of a bus. The first call of <c>AddWebhooks</c> creates it.</summary>
    public static WebhookRegistry<TBus> Of(IBusRegistrationConfigurator registration)
    {
        if (registration.FirstOrDefault(x =>
            x.ServiceType == typeof(WebhookRegistry<TBus>))?.ImplementationInstance is WebhookRegistry<TBus> known)
            return known;

        var registry = new WebhookRegistry<TBus>(registration);
        registration.AddSingleton(registry);
        registry.AddServices();
        return registry;
    }

    /// <exception cref="ConfigurationException">Another transport was set before.</exception>
    public void UseTransport<TTransport>(Func<IServiceProvider, TTransport> create)
        where TTransport : class, IWebhookTransport
    {
        if (_transport is { } before && before != typeof(TTransport))
        {
            throw new ConfigurationException(
                $"The webhooks of {BusName} were given two transports, {before.Name} and {typeof(TTransport).Name}: "
                + "in AddWebhooks call only the one of UseRedis(), UseRabbitMq() and UseTransport(...) that the bus is on.");
        }

        _transport = typeof(TTransport);
        registration.ReplaceInBus<TBus, IWebhookTransport>(create);
    }

    /// <summary>Adds the services of a processor.</summary>
    /// <exception cref="ConfigurationException">The processor has been added before.</exception>
    public void AddProcessor<TProcessor>(WebhookProcessorOptions<TProcessor> options)
        where TProcessor : class, IWebhookProcessor
    {
        if (!_processors.Add(typeof(TProcessor)))
        {
            throw new ConfigurationException(
                $"The webhook processor {options.Name} was added to {BusName} twice: add it once, with all its options. "
                + "For a second queue derive a class from it.");
        }

        _sharedQueues.AddProcessor(options.QueueName);
        registration.AddSingleton(Bind<TBus>.Create(options));
        registration.AddSingleton<BusProcessor<TBus, TProcessor>>();
        registration.AddConsumer<WebhookConsumer<TBus, TProcessor>, WebhookConsumerDefinition<TBus, TProcessor>>();
        if (_hasBundles)
            AddBundleConsumer<TProcessor>();
        else
            _bundleConsumers.Add(AddBundleConsumer<TProcessor>);
    }

    /// <summary>Lets processors consume bundles, both those added before and those added later.</summary>
    public void UseBundles()
    {
        _hasBundles = true;
        foreach (var add in _bundleConsumers)
            add();
        _bundleConsumers.Clear();
    }

    static string BusName => typeof(TBus) == typeof(IBus) ? "the bus" : $"the bus {typeof(TBus).Name}";

    void AddBundleConsumer<TProcessor>()
        where TProcessor : class, IWebhookProcessor =>
        registration.AddConsumer<WebhookBundleConsumer<TBus, TProcessor>, WebhookBundleConsumerDefinition<TBus, TProcessor>>();

    void AddServices()
    {
        registration.AddSingleton(Bind<TBus>.Create(Options));
        registration.AddSingleton(Bind<TBus>.Create(_sharedQueues));
        registration.TryAddSingleton(_ => Bind<TBus>.Create<IQueueControl>(new NoQueueControl()));
        registration.AddConfigureEndpointsCallback((_, name, endpoint) =>
            endpoint.ConnectConsumerConfigurationObserver(_sharedQueues.Observe(name)));
        registration.TryAddToBus<TBus, IWebhookTransport>(_ => new PlainTransport());
        registration.TryAddToBus<TBus, IWebhookQueue>(x =>
            new WebhookQueue(x.GetRequiredService<TBus>(), x.GetOfBus<TBus, IWebhookTransport>(), Options,
            x.FindOfBus<TBus, IBundlePublishing>(), x.FindOfBus<TBus, ISendLimits>()));
        registration.TryAddToBus<TBus, IWebhookDeadLetters>(x => new UnsupportedDeadLetters(x.GetOfBus<TBus, IWebhookTransport>()));
        registration.AddSingleton(x => Bind<TBus>.Create<IBusInstanceSpecification>(
            new TransportCheck(() => x.GetOfBus<TBus, IWebhookTransport>(), x.GetService<ILoggerFactory>())));
    }
}
