using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks;

/// <summary>Configures the endpoint of one processor: room for all its batches, and its retry and redelivery.</summary>
internal sealed class WebhookConsumerDefinition<TBus, TProcessor> : ConsumerDefinition<WebhookConsumer<TBus, TProcessor>>
    where TBus : class, IBus
    where TProcessor : class, IWebhookProcessor
{
    readonly WebhookProcessorOptions<TProcessor> _options;
    readonly IWebhookTransport _transport;
    readonly IQueueControl _control;

    public WebhookConsumerDefinition(Bind<TBus, WebhookProcessorOptions<TProcessor>> options, Bind<TBus, IWebhookTransport> transport,
        Bind<TBus, IQueueControl> control)
    {
        _options = options.Value;
        _transport = transport.Value;
        _control = control.Value;
        EndpointName = _options.QueueName;
        ConcurrentMessageLimit = _options.LargestWindow;
    }

    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<WebhookConsumer<TBus, TProcessor>> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = _options.Window;
        context.GetService<Bind<TBus, IProcessorReporting>>()?.Value.Attach(endpointConfigurator,
            () => context.GetRequiredService<BusProcessor<TBus, TProcessor>>().Batcher);
        // The limit above is MassTransit's own, made for the ceiling. The endpoint begins with what is configured, unless the application
        // has set another limit.
        if (endpointConfigurator.ConcurrentMessageLimit == _options.LargestWindow)
            endpointConfigurator.ConcurrentMessageLimit = _options.Window;
        consumerConfigurator.Message<Webhook>(x => x.UseFilter(new ReturnFilter<Webhook>(_control.IsGivenBack)));
        if (_transport.CanDelay)
        {
            endpointConfigurator.UseDelayedRedelivery(x =>
            {
                x.Ignore<WebhookFailedException>();
                x.Ignore<BundleDamagedException>();
                _options.ConfigureRedelivery(x);
            });
        }

        endpointConfigurator.UseMessageRetry(x =>
        {
            x.Ignore<WebhookFailedException>();
            x.Ignore<BundleDamagedException>();
            _options.ConfigureRetry(x);
        });
    }
}
