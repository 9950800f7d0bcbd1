using MassTransit.Webhooks;

namespace RabbitMq;

/// <summary>The same processor as on any other transport: batches, and a result for each webhook.</summary>
sealed class ShopHooks(Journal journal) : IWebhookProcessor
{
    public const string Refunds = "order.refunded";

    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken))[0];

    public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WebhookResult>>([.. batch.Select(Process)]);

    WebhookResult Process(WebhookContext context)
    {
        if (context.Webhook.EventType == Refunds)
            return WebhookResult.FromException(new TimeoutException("The bank does not answer."));
        journal.Process(context.Webhook.Id);
        return WebhookResult.Success();
    }
}
