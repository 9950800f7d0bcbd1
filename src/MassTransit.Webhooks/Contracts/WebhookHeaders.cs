namespace MassTransit.Webhooks;

/// <summary>The names of the message headers of webhooks, for filters and tools that do not read the body.</summary>
public static class WebhookHeaders
{
    /// <summary>The customer that the webhook belongs to (<see cref="Webhook.Tenant"/>), if it has one.</summary>
    public const string Tenant = "MT-Webhook-Tenant";
}
