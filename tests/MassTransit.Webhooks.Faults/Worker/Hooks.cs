using System.Globalization;

namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>The same for webhooks, a batch at a time. An event type that is a number is how long the batch works, ms.</summary>
internal sealed class Hooks(Journal journal, WorkerOptions options) : IWebhookProcessor
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken))[0];

    public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
        CancellationToken cancellationToken)
    {
        foreach (var webhook in batch)
            journal.Begin(webhook.Webhook.Id, webhook.DeliveredBefore);
        try
        {
            await Task.Delay(batch.Max(x => int.TryParse(x.Webhook.EventType, CultureInfo.InvariantCulture, out var work)
                ? work : options.Work), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            foreach (var webhook in batch)
                journal.Cancel(webhook.Webhook.Id);
            throw;
        }

        foreach (var webhook in batch)
            journal.End(webhook.Webhook.Id);
        return [.. batch.Select(_ => WebhookResult.Success())];
    }
}
