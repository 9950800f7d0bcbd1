using MassTransit.Webhooks;
using Quickstart.Accounting;

namespace Quickstart.Processing;

/// <summary>Processes a batch in one call of its backend. Each webhook has a result of its own: one that fails is retried alone.</summary>
public sealed class ShopHooks(Backend backend, Ledger ledger, Visitors visitors) : IWebhookProcessor
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken))[0];

    public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
        CancellationToken cancellationToken)
    {
        var stored = await backend.StoreAsync(batch, cancellationToken);
        var results = new WebhookResult[batch.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var webhook = batch[i].Webhook;
            results[i] = webhook.EventType == "ping" ? WebhookResult.Discard("A ping needs no work.") : stored[i];
            if (results[i].Status is WebhookStatus.Succeeded or WebhookStatus.Discarded)
            {
                ledger.Settle(webhook);
                visitors.Tell(webhook);
            }
        }

        return results;
    }
}
