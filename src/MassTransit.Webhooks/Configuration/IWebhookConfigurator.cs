namespace MassTransit;

/// <summary>Configures webhooks on a bus.</summary>
public interface IWebhookConfigurator
{
    /// <summary>The registration of the bus: consumers of your own may be added here too.</summary>
    IBusRegistrationConfigurator Registration { get; }
}
