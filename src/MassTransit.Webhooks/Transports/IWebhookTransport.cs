namespace MassTransit.Webhooks;

/// <summary>
/// What webhooks need from the bus's transport beyond MassTransit. <c>UseRedis()</c> and <c>UseRabbitMq()</c> provide it. For another
/// transport set your own by <see cref="IWebhookConfigurator.UseTransport{TTransport}"/>.
/// </summary>
public interface IWebhookTransport
{
    /// <summary>The transport's name, for error messages.</summary>
    string Name => "this transport";

    /// <summary>
    /// Whether the transport can delay a message. Without that there is no redelivery: a webhook whose retries have failed is
    /// dead-lettered, and a later attempt that a processor asks for is made as a retry.
    /// </summary>
    bool CanDelay { get; }

    /// <summary>
    /// Checks whether a bus is on this transport. It is called when the bus is created, and the creation fails if it returns an error.
    /// </summary>
    /// <param name="hostAddress">
    /// The address of the bus's host; its scheme names the transport (<c>redis</c>, <c>rabbitmq</c>, <c>loopback</c>).
    /// </param>
    /// <returns>The error with the cure; <c>null</c> (the default) if there is none.</returns>
    string? FindMismatch(Uri hostAddress) => null;

    /// <summary>Sets the priority of a message that is being published. Does nothing if the transport has no priorities.</summary>
    /// <param name="context">The message.</param>
    /// <param name="priority">1 to 255; a higher one is more urgent.</param>
    void ApplyPriority(SendContext context, byte priority);

    /// <summary>
    /// Recognizes the exception by which the transport refuses a message without a subscriber. Webhooks are published as mandatory
    /// (<see cref="PublishContext.Mandatory"/>). On a transport that ignores this flag such a webhook is lost.
    /// </summary>
    /// <param name="exception">The exception of a publish.</param>
    /// <returns>True if nobody is subscribed. Default: false.</returns>
    bool IsNotRouted(Exception exception) => false;

    /// <summary>
    /// Called after a failed attempt, for a transport whose dead letters contain the number of attempts. MassTransit gives the transport
    /// only the number of redeliveries. Default: does nothing.
    /// </summary>
    /// <param name="context">The webhook's delivery.</param>
    /// <param name="attempts">How often it was tried in this delivery.</param>
    void RecordAttempts(ConsumeContext context, int attempts)
    {
    }

    /// <summary>Counts the messages in the queues that webhooks are published to.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="NotSupportedException">The transport cannot inspect its queues. This is the default.</exception>
    Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken) =>
        throw UnsupportedInspection.Of(this, "count what lies in its queues");
}
