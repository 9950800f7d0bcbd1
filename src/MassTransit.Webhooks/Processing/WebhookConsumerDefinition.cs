namespace MassTransit.Webhooks;

/// <summary>The endpoint of one processor: room for all its batches, and its retry and redelivery.</summary>
internal sealed class WebhookConsumerDefinition<TProcessor> : ConsumerDefinition<WebhookConsumer<TProcessor>>
    where TProcessor : class, IWebhookProcessor
{
    readonly WebhookProcessorOptions<TProcessor> _options;
    readonly IWebhookTransport _transport;

    public WebhookConsumerDefinition(WebhookProcessorOptions<TProcessor> options, IWebhookTransport transport)
    {
        _options = options;
        _transport = transport;
        EndpointName = options.QueueName;
        ConcurrentMessageLimit = options.Window;
    }

    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<WebhookConsumer<TProcessor>> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = _options.Window;
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
