using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>
/// Processes webhooks. Each answer is one webhook's own: one that fails is tried again, redelivered and dead-lettered by itself,
/// and never makes the others of its batch run again.
/// </summary>
public interface IWebhookProcessor
{
    /// <summary>
    /// Processes one webhook. An exception counts as a failure that may be tried again, and so does <c>null</c> for a result.
    /// </summary>
    /// <param name="webhook">The webhook, and which attempt this is.</param>
    /// <param name="cancellationToken">Fires when the lease of the webhook was lost, or when its endpoint stops and does not wait any longer.</param>
    /// <returns>What is to become of it.</returns>
    Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken);

    /// <summary>
    /// Processes several webhooks at once, where that is cheaper than one by one (one transaction, one bulk request). The default:
    /// one by one, in order. An exception says nothing about the single webhooks: each is then processed alone, by a processor and in
    /// a scope of its own, after the scope of the batch has ended; so what the batch has done for some of them before is done again.
    /// </summary>
    /// <param name="batch">At least one, the most urgent first.</param>
    /// <param name="cancellationToken">Fires when the leases of all of them were lost, or when the endpoint stops and does not wait any longer.</param>
    /// <returns>As many results as webhooks, in their order. The list may be used again for the next batch.</returns>
    async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var results = new WebhookResult[batch.Count];
        for (var i = 0; i < results.Length; i++)
        {
            try
            {
                // Those before are done, and stay it.
                cancellationToken.ThrowIfCancellationRequested();
                WebhookActivities.Enter(batch[i]);
                results[i] = await ProcessAsync(batch[i], cancellationToken).ConfigureAwait(false)
                    ?? throw new InvalidOperationException($"{GetType().Name}.ProcessAsync returned null; it must return a result.");
            }
            catch (Exception exception)
            {
                results[i] = WebhookResult.FromException(exception);
            }
        }

        return results;
    }
}
