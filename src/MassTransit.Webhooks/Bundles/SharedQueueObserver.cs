using MassTransit.Configuration;

namespace MassTransit.Webhooks;

/// <summary>Notes the queues where consumers of the application's own take webhooks too: a processor there must not keep bundles to itself.</summary>
internal sealed class SharedQueueObserver(string queue, WebhookOptions options) : IConsumerConfigurationObserver
{
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
        where TConsumer : class
    {
    }

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
        if (typeof(TMessage) == typeof(Batch<Webhook>) || (typeof(TMessage) == typeof(Webhook) && !IsProcessor(typeof(TConsumer))))
            options.SharedQueues[queue] = true;
    }

    static bool IsProcessor(Type consumer) => consumer.IsGenericType && consumer.GetGenericTypeDefinition() == typeof(WebhookConsumer<>);
}
