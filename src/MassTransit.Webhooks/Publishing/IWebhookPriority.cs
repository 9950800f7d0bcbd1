namespace MassTransit.Webhooks;

/// <summary>Sets a message's priority: each transport has its own way. Replace it in the container for a transport of yours.</summary>
public interface IWebhookPriority
{
    /// <summary>Sets the priority of a message that is being published.</summary>
    /// <param name="context">The message.</param>
    /// <param name="priority">1 to 255, higher is more urgent.</param>
    void Apply(SendContext context, byte priority);
}
