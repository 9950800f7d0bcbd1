using System.Collections.Concurrent;
using MassTransit.Configuration;

namespace MassTransit.Webhooks;

/// <summary>
/// The queues of a bus on which the application's own consumers take webhooks too. A processor on such a queue must split bundles, so that
/// those consumers see the webhooks.
/// </summary>
internal sealed class SharedQueues
{
    readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);

    readonly ConcurrentDictionary<string, int> _processors = new(StringComparer.Ordinal);

    public bool Contains(string queue) => _queues.ContainsKey(queue);

    /// <summary>True if more than one processor alone consumes the messages of the queue.</summary>
    public bool IsShared(string queue) => Contains(queue) || _processors.GetValueOrDefault(queue) > 1;

    /// <summary>Counts a processor of the queue.</summary>
    public void AddProcessor(string queue) => _processors.AddOrUpdate(queue, 1, static (_, count) => count + 1);

    /// <summary>
    /// Adds the queue if a consumer that is configured on its endpoint takes webhooks and does not belong to a processor.
    /// </summary>
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

        static bool IsProcessor(Type consumer) =>
            consumer.IsGenericType && consumer.GetGenericTypeDefinition() == typeof(WebhookConsumer<,>);
    }
}
