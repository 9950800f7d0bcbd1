namespace MassTransit.Webhooks;

/// <summary>Publishes webhooks through the bus to the queues of their consumers.</summary>
/// <remarks>
/// On Redis every call ends within the send timeout of the bus, from the call to the confirmation, with <c>RedisTransportException</c>
/// (<c>IsTransient</c>) if the broker cannot be reached. A webhook that was refused or cancelled before it was on its way is not sent
/// later; one that was on its way at that moment may have been stored. At most 100,000 webhooks and 64 MiB wait in the memory of a process;
/// further ones are refused at once with the same exception. On other transports a call waits as long as the transport does, or until it is
/// cancelled.
/// </remarks>
public interface IWebhookQueue
{
    /// <summary>Publishes one webhook. The task completes when the broker has confirmed it.</summary>
    /// <param name="webhook">The webhook. Its message id is <see cref="Webhook.GetMessageId"/>.</param>
    /// <param name="priority">
    /// 0 (the default) to 255; a higher one is more urgent. It has no effect on a transport without priorities.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the call. The webhook is not sent any more; if it is already on its way, it may still be stored.
    /// </param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ArgumentException">A required property of the webhook is <c>null</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    /// <exception cref="WebhookNotRoutedException">Nobody has subscribed to webhooks, so it would be lost.</exception>
    Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes many webhooks at a time; on Redis they share few round trips. The task completes when the broker has confirmed all of
    /// them. If some fail, the others may be stored. Only a part of them is in memory at a time, and the send timeout applies to each part.
    /// </summary>
    /// <param name="webhooks">The webhooks.</param>
    /// <param name="priority">The priority of all webhooks, 0 to 255.</param>
    /// <param name="cancellationToken">Cancels what is not sent yet.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ArgumentException">
    /// A required property of a webhook is <c>null</c>. The webhooks before it may be stored.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    /// <exception cref="WebhookNotRoutedException">Nobody has subscribed to webhooks, so they would be lost.</exception>
    Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Counts the webhooks that wait, are being processed, are delayed, are dead letters and were consumed, in all processes.
    /// </summary>
    /// <remarks>
    /// On Redis this takes three short calls of constant time for each queue that consumes webhooks (for the queue, its dead letters and
    /// its skipped messages; one more for each error queue with a name of its own), and two to four calls besides, in a few round trips.
    /// The cost does not depend on how much waits or how many other queues there are. A dashboard can call it every second; a user's
    /// request should not wait for it.
    /// </remarks>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="NotSupportedException">The transport cannot inspect its queues. Only Redis can (<c>w.UseRedis()</c>).</exception>
    Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default);
}
