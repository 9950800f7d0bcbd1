using System.Collections.Concurrent;
using MassTransit.Configuration;

namespace MassTransit.Webhooks;

/// <summary>The queues of a bus where consumers of the application's own take webhooks too: a processor there must not keep bundles to itself.</summary>
internal sealed class SharedQueues
{
    readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);

    public bool Contains(string queue) => _queues.ContainsKey(queue);

    /// <summary>Notes a queue, if a consumer that is configured on its endpoint is not a processor's and takes webhooks.</summary>
    public IConsumerConfigurationObserver Observe(string queue) => new Observer(this, queue);

    sealed class Observer(SharedQueues queues, string queue) : IConsumerConfigurationObserver
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
                queues._queues[queue] = true;
        }

        static bool IsProcessor(Type consumer) => consumer.IsGenericType && consumer.GetGenericTypeDefinition() == typeof(WebhookConsumer<,>);
    }
}
