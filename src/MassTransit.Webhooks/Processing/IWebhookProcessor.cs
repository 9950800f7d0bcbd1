using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>
/// Processes webhooks. Each webhook has its own result: one that fails is retried, redelivered and dead-lettered by itself, and never makes
/// the others of its batch run again.
/// </summary>
public interface IWebhookProcessor
{
    /// <summary>Processes one webhook. An exception, or <c>null</c> as the result, counts as a failure that is retried.</summary>
    /// <param name="webhook">The webhook and the number of the attempt.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the lease of the webhook is lost, or when its endpoint stops and does not wait any longer.
    /// </param>
    /// <returns>What happens to the webhook.</returns>
    Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken);

    /// <summary>
    /// Processes several webhooks at once, if that is cheaper than one by one (one transaction, one bulk request). The default
    /// implementation processes them one by one, in order. If it throws, each webhook is processed alone, by a new processor in a new
    /// scope, after the scope of the batch has ended. Work that the batch had done for some of them before is then done again.
    /// </summary>
    /// <param name="batch">The webhooks, at least one, the most urgent first.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the leases of all of them are lost, or when the endpoint stops and does not wait any longer.
    /// </param>
    /// <returns>One result for each webhook, in their order. The list may be reused for the next batch.</returns>
    async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var results = new WebhookResult[batch.Count];
        for (var i = 0; i < results.Length; i++)
        {
            try
            {
                // The webhooks before this one stay done.
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
