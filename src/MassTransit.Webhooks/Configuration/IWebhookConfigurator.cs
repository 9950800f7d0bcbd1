using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>Configures webhooks on a bus.</summary>
public interface IWebhookConfigurator
{
    /// <summary>The registration of the bus: consumers of your own may be added here too.</summary>
    IBusRegistrationConfigurator Registration { get; }

    /// <summary>
    /// Whether <see cref="IWebhookQueue"/>, and so the ingress, refuses a webhook while nobody has subscribed to webhooks yet. Default: true:
    /// without a subscription a publish is confirmed and goes nowhere. False suits a publisher whose consumers may be missing. The
    /// in-memory transport cannot tell.
    /// </summary>
    bool RequireSubscriber { set; }

    /// <summary>
    /// Whether webhooks that are enqueued together (<see cref="IWebhookQueue.EnqueueBatchAsync"/>, or <see cref="IWebhookQueue.EnqueueAsync"/> by many
    /// at a time) may travel together, and reach a processor without a message, scope and pipeline each: several times as fast.
    /// Default: true; only on Redis, and only while every subscriber is a processor that takes them. Each keeps its priority, identity,
    /// result, retries and dead letter. False where filters or observers of MassTransit must see every single webhook: a publisher then bundles
    /// none, and a processor has bundles taken apart before it looks at them. A webhook whose activity is recorded travels alone anyway.
    /// </summary>
    bool Bundling { set; }

    /// <summary>
    /// Names the transport that the bus is on. <c>UseRedis()</c> and <c>UseRabbitMq()</c> do; call it for a transport of your own. Default: one without
    /// priorities, counts and dead letters.
    /// </summary>
    /// <typeparam name="TTransport">The transport.</typeparam>
    /// <param name="create">Makes it from the application's services. Called while the bus is created: it must not ask for the bus.</param>
    /// <exception cref="ConfigurationException">Another one was named before.</exception>
    void UseTransport<TTransport>(Func<IServiceProvider, TTransport> create)
        where TTransport : class, IWebhookTransport;

    /// <summary>Adds a processor, on a queue of its own. It is resolved from a scope a batch.</summary>
    /// <typeparam name="TProcessor">The processor.</typeparam>
    /// <param name="configure">Which webhooks it takes, in which batches, and what becomes of those that fail.</param>
    /// <exception cref="ConfigurationException">An option is out of its range; the message names it and the cure.</exception>
    void AddProcessor<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TProcessor : class, IWebhookProcessor;

    /// <summary>
    /// Adds a batch consumer of plain MassTransit, unchanged, on a queue of its own, to be fed as a processor is: by webhooks that may have
    /// travelled together, several times as fast as by <c>AddConsumer</c>, in whose place this is. Where it throws, a consumer in a scope of its own is called for each
    /// webhook of the batch alone, and only those at which it throws then are retried and dead-lettered. Filters of the consumer's pipeline
    /// are not run.
    /// </summary>
    /// <typeparam name="TConsumer">The consumer, resolved from a scope a batch.</typeparam>
    /// <param name="configure">Which webhooks it takes, in which batches, and what becomes of those that fail.</param>
    /// <exception cref="ConfigurationException">An option is out of its range; the message names it and the cure.</exception>
    void AddBatchConsumer<TConsumer>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TConsumer : class, IConsumer<Batch<Webhook>>;
}
