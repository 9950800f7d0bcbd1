namespace MassTransit.Webhooks;

/// <summary>Puts webhooks into the queue of whoever consumes them, through the bus.</summary>
public interface IWebhookQueue
{
    /// <summary>Publishes one webhook. Completes when the broker has confirmed it.</summary>
    /// <param name="webhook">The webhook. Its message id is <see cref="Webhook.GetMessageId"/>.</param>
    /// <param name="priority">0, the default, to 255, higher is more urgent. On a transport without priorities it has no effect.</param>
    /// <param name="cancellationToken">Gives up waiting; the webhook may be stored all the same.</param>
    /// <exception cref="ArgumentException">A property of the webhook is <c>null</c> that must not be.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    /// <exception cref="WebhookNotRoutedException">Nobody has ever subscribed to webhooks: it would go nowhere.</exception>
    Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes many webhooks at a time; on Redis they share few round trips. Completes when the broker has confirmed all of
    /// them; where some fail, the others may be stored.
    /// </summary>
    /// <param name="webhooks">The webhooks.</param>
    /// <param name="priority">The priority of all of them, 0 to 255.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">A property of a webhook is <c>null</c> that must not be; those before it may be stored.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    /// <exception cref="WebhookNotRoutedException">Nobody has ever subscribed to webhooks: they would go nowhere.</exception>
    Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default);

    /// <summary>Counts the webhooks that wait, are being processed, are delayed, were given up and were consumed, in all processes.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotSupportedException">The transport cannot look into its queues: all but Redis (<c>w.UseRedis()</c>).</exception>
    Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default);
}
