namespace MassTransit.Webhooks;

/// <summary>Describes the message of a webhook in the same way for every sender.</summary>
internal static class WebhookMessage
{
    /// <summary>Sets the message id and the headers of a webhook's message.</summary>
    public static void Describe(SendContext context, Webhook webhook)
    {
        if (webhook.Id.Length > 0)
            context.MessageId = webhook.GetMessageId();
        if (webhook.Tenant is { } tenant)
            context.Headers.Set(WebhookHeaders.Tenant, tenant);
    }
}
