using System.Text.Json;
using MassTransit.Webhooks;

namespace Worker;

/// <summary>
/// Where an application's own work begins. This one reads each body and writes the batch to a backend that is only pretended.
/// </summary>
sealed partial class ShopHooks(WorkerSettings settings, ILogger<ShopHooks> logger) : IWebhookProcessor
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken))[0];

    public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
        CancellationToken cancellationToken)
    {
        await Task.Delay(settings.WorkTime, cancellationToken);
        return [.. batch.Select(Process)];
    }

    WebhookResult Process(WebhookContext context)
    {
        var webhook = context.Webhook;
        try
        {
            using var body = JsonDocument.Parse(webhook.Body);
            Processed(webhook.Receiver, webhook.EventType, webhook.Id);
            return WebhookResult.Success();
        }
        catch (JsonException)
        {
            // No other attempt will read it.
            return WebhookResult.Fail("The body is not JSON.");
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Processed {Receiver} {EventType} {Id}")]
    partial void Processed(string receiver, string eventType, string id);
}
