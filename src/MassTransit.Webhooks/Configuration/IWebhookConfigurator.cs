using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>Configures webhooks on a bus.</summary>
public interface IWebhookConfigurator
{
    /// <summary>The registration of the bus. You can add your own consumers to it.</summary>
    IBusRegistrationConfigurator Registration { get; }

    /// <summary>
    /// Whether <see cref="IWebhookQueue"/>, and so the ingress, refuses a webhook while nobody has subscribed to webhooks yet. Default:
    /// true, because a publish without a subscriber is confirmed and lost. Use false for a publisher that may run without consumers. The
    /// in-memory transport cannot detect a missing subscriber.
    /// </summary>
    bool RequireSubscriber { set; }

    /// <summary>
    /// Whether webhooks that are enqueued together (<see cref="IWebhookQueue.EnqueueBatchAsync"/>, or
    /// <see cref="IWebhookQueue.EnqueueAsync"/> by many at a time) may be sent in one bundle. They then reach a processor without a
    /// message, scope and pipeline for each, which is several times as fast. Default: true. Bundles are used only on Redis, and only while
    /// every subscriber is a processor that can read them. Each webhook keeps its priority, identity, result, retries and dead letter. Use
    /// false if filters or observers of MassTransit must see every single webhook: a publisher then makes no bundles, and a processor has
    /// bundles split before it processes them. A webhook whose activity is recorded is always sent alone.
    /// </summary>
    bool Bundling { set; }

    /// <summary>
    /// Sets the transport that the bus is on. <c>UseRedis()</c> and <c>UseRabbitMq()</c> call it; call it yourself for your own transport.
    /// Default: a transport without priorities, counts and dead letters.
    /// </summary>
    /// <typeparam name="TTransport">The transport.</typeparam>
    /// <param name="create">
    /// Creates the transport from the application's services. It is called while the bus is created, so it must not resolve the bus.
    /// </param>
    /// <exception cref="ConfigurationException">Another transport was set before.</exception>
    void UseTransport<TTransport>(Func<IServiceProvider, TTransport> create)
        where TTransport : class, IWebhookTransport;

    /// <summary>Adds a processor with its own queue. It is resolved from a new scope for each batch.</summary>
    /// <typeparam name="TProcessor">The processor.</typeparam>
    /// <param name="configure">Configures which webhooks it takes, the size of its batches, and the retries of failed webhooks.</param>
    /// <exception cref="ConfigurationException">An option is out of its range. The message names the option and the cure.</exception>
    void AddProcessor<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TProcessor : class, IWebhookProcessor;

    /// <summary>
    /// Adds an unchanged batch consumer of MassTransit with its own queue, and gives it webhooks as a processor gets them, also from
    /// bundles. Call it instead of <c>AddConsumer</c>; it is several times as fast. If the consumer throws, a consumer in a new scope is
    /// called for each webhook of the batch alone, and only webhooks for which it throws again are retried and dead-lettered. Filters of
    /// the consumer's pipeline are not run.
    /// </summary>
    /// <typeparam name="TConsumer">The consumer. It is resolved from a new scope for each batch.</typeparam>
    /// <param name="configure">Configures which webhooks it takes, the size of its batches, and the retries of failed webhooks.</param>
    /// <exception cref="ConfigurationException">An option is out of its range. The message names the option and the cure.</exception>
    void AddBatchConsumer<TConsumer>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TConsumer : class, IConsumer<Batch<Webhook>>;
}
