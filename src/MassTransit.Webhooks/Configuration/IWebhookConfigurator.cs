using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>Configures webhooks on a bus.</summary>
public interface IWebhookConfigurator
{
    /// <summary>The registration of the bus: consumers of your own may be added here too.</summary>
    IBusRegistrationConfigurator Registration { get; }

    /// <summary>Adds a processor, on a queue of its own. It is resolved from a scope a batch.</summary>
    /// <typeparam name="TProcessor">The processor.</typeparam>
    /// <param name="configure">Which webhooks it takes, in which batches, and what becomes of those that fail.</param>
    /// <exception cref="ConfigurationException">An option is out of its range; the message names it and the cure.</exception>
    void AddProcessor<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null)
        where TProcessor : class, IWebhookProcessor;
}
