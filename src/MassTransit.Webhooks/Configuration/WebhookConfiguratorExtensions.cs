using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Adds webhooks to a bus.</summary>
public static class WebhookConfiguratorExtensions
{
    /// <summary>Adds <see cref="IWebhookQueue"/>, by which webhooks are put into the bus, <see cref="IWebhookStatistics"/> and <see cref="IWebhookDeadLetters"/>.</summary>
    /// <param name="configurator">The registration configurator (<c>AddMassTransit</c>).</param>
    /// <param name="configure">Configures what becomes of them.</param>
    public static void AddWebhooks(this IBusRegistrationConfigurator configurator, Action<IWebhookConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.TryAddSingleton<IWebhookTransport, PlainTransport>();
        configurator.TryAddSingleton<IWebhookQueue, WebhookQueue>();
        configurator.TryAddSingleton<IWebhookDeadLetters, UnsupportedDeadLetters>();
        configurator.TryAddSingleton<WebhookStatistics>(_ => new WebhookStatistics());
        configurator.TryAddSingleton<IWebhookStatistics>(x => x.GetRequiredService<WebhookStatistics>());
        if (configurator.FirstOrDefault(x => x.ServiceType == typeof(WebhookOptions))?.ImplementationInstance is not WebhookOptions options)
        {
            configurator.AddSingleton(options = new WebhookOptions());
            configurator.AddConfigureEndpointsCallback((_, name, endpoint) => endpoint.ConnectConsumerConfigurationObserver(new SharedQueueObserver(name, options)));
        }

        configure?.Invoke(new WebhookConfigurator(configurator, options));
        if (configurator.Any(x => x.ServiceType == typeof(IWebhookBundleTransport)))
        {
            foreach (var add in options.BundleConsumers)
                add(configurator);
            options.BundleConsumers.Clear();
        }
    }

    sealed class WebhookConfigurator(IBusRegistrationConfigurator registration, WebhookOptions options) : IWebhookConfigurator
    {
        public IBusRegistrationConfigurator Registration => registration;

        public bool RequireSubscriber
        {
            set => options.RequireSubscriber = value;
        }

        public bool Bundling
        {
            set => options.Bundling = value;
        }

        public void AddProcessor<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null)
            where TProcessor : class, IWebhookProcessor =>
            Add(new WebhookProcessorOptions<TProcessor>(KebabCaseEndpointNameFormatter.Instance.SanitizeName(typeof(TProcessor).Name)), configure);

        public void AddBatchConsumer<TConsumer>(Action<IWebhookProcessorConfigurator>? configure = null)
            where TConsumer : class, IConsumer<Batch<Webhook>>
        {
            registration.TryAddScoped<TConsumer>();
            Add(new WebhookProcessorOptions<BatchConsumerProcessor<TConsumer>>(KebabCaseEndpointNameFormatter.Instance.Consumer<TConsumer>())
            {
                Name = typeof(TConsumer).Name,
            }, configure);
        }

        void Add<TProcessor>(WebhookProcessorOptions<TProcessor> processor, Action<IWebhookProcessorConfigurator>? configure)
            where TProcessor : class, IWebhookProcessor
        {
            configure?.Invoke(processor);
            processor.Validate();
            registration.AddSingleton(processor);
            registration.AddSingleton<WebhookBatcher<TProcessor>>();
            registration.AddSingleton<BundleMemory<TProcessor>>();
            registration.TryAddScoped<TProcessor>();
            registration.AddConsumer<WebhookConsumer<TProcessor>, WebhookConsumerDefinition<TProcessor>>();
            options.BundleConsumers.Add(x => x.AddConsumer<WebhookBundleConsumer<TProcessor>, WebhookBundleConsumerDefinition<TProcessor>>());
        }
    }

    /// <summary>A transport nobody has named, such as the in-memory one: no priorities.</summary>
    sealed class PlainTransport : IWebhookTransport
    {
        public bool CanDelay => true;

        public void ApplyPriority(SendContext context, byte priority)
        {
        }
    }
}
