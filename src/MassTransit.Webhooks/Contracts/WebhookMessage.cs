namespace MassTransit.Webhooks;

/// <summary>A webhook as a message: the same for whoever sends it.</summary>
internal static class WebhookMessage
{
    /// <summary>Gives a webhook's message its id and headers.</summary>
    public static void Describe(SendContext context, Webhook webhook)
    {
        if (webhook.Id.Length > 0)
            context.MessageId = webhook.GetMessageId();
        if (webhook.Tenant is { } tenant)
            context.Headers.Set(WebhookHeaders.Tenant, tenant);
    }
}
