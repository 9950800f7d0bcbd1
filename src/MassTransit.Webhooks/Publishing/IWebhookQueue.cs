namespace MassTransit.Webhooks;

/// <summary>Puts webhooks into the queue of whoever consumes them, through the bus.</summary>
/// <remarks>
/// On Redis every call ends within the send timeout of the bus, from the call to the confirmation, with <c>RedisTransportException</c>
/// (<c>IsTransient</c>) where the broker is away. What has been refused or cancelled before it was on its way is not sent later; of what
/// was on its way at that moment nobody can know. Webhooks that wait for the broker are kept in memory up to 100,000 and 64 MiB in a process;
/// further ones are refused at once, in the same way. On other transports a call waits as long as they do, or until it is cancelled.
/// </remarks>
public interface IWebhookQueue
{
    /// <summary>Publishes one webhook. Completes when the broker has confirmed it.</summary>
    /// <param name="webhook">The webhook. Its message id is <see cref="Webhook.GetMessageId"/>.</param>
    /// <param name="priority">0, the default, to 255, higher is more urgent. On a transport without priorities it has no effect.</param>
    /// <param name="cancellationToken">Gives the webhook up: it is not sent any more, unless it is on its way already; then it may be stored.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ArgumentException">A property of the webhook is <c>null</c> that must not be.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    /// <exception cref="WebhookNotRoutedException">Nobody has ever subscribed to webhooks: it would go nowhere.</exception>
    Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes many webhooks at a time; on Redis they share few round trips. Completes when the broker has confirmed all of
    /// them; where some fail, the others may be stored. Few are in memory at a time: the send timeout is that of each part of them.
    /// </summary>
    /// <param name="webhooks">The webhooks.</param>
    /// <param name="priority">The priority of all of them, 0 to 255.</param>
    /// <param name="cancellationToken">Gives up what is not sent yet.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ArgumentException">A property of a webhook is <c>null</c> that must not be; those before it may be stored.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    /// <exception cref="WebhookNotRoutedException">Nobody has ever subscribed to webhooks: they would go nowhere.</exception>
    Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default);

    /// <summary>Counts the webhooks that wait, are being processed, are delayed, were given up and were consumed, in all processes.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotSupportedException">The transport cannot look into its queues: all but Redis (<c>w.UseRedis()</c>).</exception>
    Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default);
}
