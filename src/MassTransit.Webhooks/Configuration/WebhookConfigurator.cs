using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit.Webhooks;

/// <summary>Handles one call of <c>AddWebhooks</c> on one bus.</summary>
internal sealed class WebhookConfigurator<TBus>(WebhookRegistry<TBus> registry) : IWebhookConfigurator
    where TBus : class, IBus
{
    public IBusRegistrationConfigurator Registration => registry.Registration;

    public bool RequireSubscriber
    {
        set => registry.Options.RequireSubscriber = value;
    }

    public bool Bundling
    {
        set => registry.Options.Bundling = value;
    }

    public void UseTransport<TTransport>(Func<IServiceProvider, TTransport> create)
        where TTransport : class, IWebhookTransport
    {
        ArgumentNullException.ThrowIfNull(create);
        registry.UseTransport(create);
    }

    public void AddProcessor<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TProcessor : class, IWebhookProcessor =>
        Add(new WebhookProcessorOptions<TProcessor>(KebabCaseEndpointNameFormatter.Instance.SanitizeName(typeof(TProcessor).Name))
        {
            Name = NameOf(typeof(TProcessor)),
        }, configure);

    public void AddBatchConsumer<TConsumer>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TConsumer : class, IConsumer<Batch<Webhook>>
    {
        Registration.TryAddScoped<TConsumer>();
        Add(new WebhookProcessorOptions<BatchConsumerProcessor<TConsumer>>(KebabCaseEndpointNameFormatter.Instance.Consumer<TConsumer>())
        {
            Name = NameOf(typeof(TConsumer)),
        }, configure);
    }

    /// <summary>
    /// The name of a processor. It contains the bus, because a processor may be on several buses of a process and each has its own figures.
    /// </summary>
    static string NameOf(Type processor) => typeof(TBus) == typeof(IBus) ? processor.Name : $"{typeof(TBus).Name}/{processor.Name}";

    void Add<TProcessor>(WebhookProcessorOptions<TProcessor> options, Action<IWebhookProcessorConfigurator>? configure)
        where TProcessor : class, IWebhookProcessor
    {
        configure?.Invoke(options);
        options.Problems().ThrowIfAny($"the webhook processor {options.Name}");
        Registration.TryAddScoped<TProcessor>();
        registry.AddProcessor(options);
    }
}
