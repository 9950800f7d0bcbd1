namespace MassTransit.Webhooks;

/// <summary>
/// What webhooks ask of the bus's transport beyond MassTransit. <c>UseRedis()</c> and <c>UseRabbitMq()</c> bring theirs; name one of
/// your own by <see cref="IWebhookConfigurator.UseTransport{TTransport}"/> for another transport.
/// </summary>
public interface IWebhookTransport
{
    /// <summary>The transport's name, for error messages.</summary>
    string Name => "this transport";

    /// <summary>
    /// Whether the transport can deliver a message later. Where it cannot, there is no redelivery: a webhook whose retries have
    /// failed is dead-lettered, and an attempt that a processor wants later is made as a retry.
    /// </summary>
    bool CanDelay { get; }

    /// <summary>Tells whether a bus is on this transport. Asked when the bus is created, which fails if there is an answer.</summary>
    /// <param name="hostAddress">The address of the bus's host; its scheme names the transport (<c>redis</c>, <c>rabbitmq</c>, <c>loopback</c>).</param>
    /// <returns>What is wrong, with the cure; <c>null</c>, the default: nothing.</returns>
    string? FindMismatch(Uri hostAddress) => null;

    /// <summary>Sets the priority of a message that is being published; nothing where the transport has none.</summary>
    /// <param name="context">The message.</param>
    /// <param name="priority">1 to 255, higher is more urgent.</param>
    void ApplyPriority(SendContext context, byte priority);

    /// <summary>
    /// Tells the exception by which the transport refuses a message that nobody is subscribed to. Webhooks are published as mandatory
    /// (<see cref="PublishContext.Mandatory"/>); on a transport that ignores that, such a webhook goes nowhere.
    /// </summary>
    /// <param name="exception">What a publish has thrown.</param>
    /// <returns>True where nobody is subscribed. Default: false.</returns>
    bool IsNotRouted(Exception exception) => false;

    /// <summary>
    /// Called after an attempt that did not succeed, for a transport whose dead letters say how often a webhook was tried: MassTransit tells it only
    /// the number of redeliveries. Default: nothing is done.
    /// </summary>
    /// <param name="context">The webhook's delivery.</param>
    /// <param name="attempts">How often it was tried in this delivery.</param>
    void RecordAttempts(ConsumeContext context, int attempts)
    {
    }

    /// <summary>Counts what lies in the queues that webhooks are published to.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotSupportedException">The transport cannot look into its queues: the default.</exception>
    Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken) => throw UnsupportedInspection.Of(this, "count what lies in its queues");
}
