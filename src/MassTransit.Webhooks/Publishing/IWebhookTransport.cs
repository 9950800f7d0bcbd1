namespace MassTransit.Webhooks;

/// <summary>
/// What webhooks ask of the bus's transport beyond MassTransit. <c>UseRedis()</c> and <c>UseRabbitMq()</c> bring theirs; put one of
/// your own into the container for another transport.
/// </summary>
public interface IWebhookTransport
{
    /// <summary>
    /// Whether the transport can deliver a message later. Where it cannot, there is no redelivery: a webhook whose retries have
    /// failed is dead-lettered, and an attempt that a processor wants later is made as a retry.
    /// </summary>
    bool CanDelay { get; }

    /// <summary>Sets the priority of a message that is being published; nothing where the transport has none.</summary>
    /// <param name="context">The message.</param>
    /// <param name="priority">1 to 255, higher is more urgent.</param>
    void ApplyPriority(SendContext context, byte priority);
}
