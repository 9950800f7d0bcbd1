namespace MassTransit.Webhooks;

/// <summary>
/// What webhooks ask of the bus's transport beyond MassTransit. <c>UseRedis()</c> and <c>UseRabbitMq()</c> bring theirs; put one of
/// your own into the container for another transport.
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

    /// <summary>Counts what lies in the queues that webhooks are published to.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotSupportedException">The transport cannot look into its queues: the default.</exception>
    Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken) => throw CannotInspect("count what lies in its queues");

    /// <summary>What a call that the transport cannot serve throws.</summary>
    /// <param name="what">What was asked, after "cannot".</param>
    /// <returns>The exception, with the cure.</returns>
    NotSupportedException CannotInspect(string what) =>
        new($"MassTransit's bus on {Name} cannot {what}. Use the broker's own tools, or the Redis transport (x.UsingRedis with w.UseRedis()), which can.");
}
