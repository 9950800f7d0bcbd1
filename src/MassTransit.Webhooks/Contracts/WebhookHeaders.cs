namespace MassTransit.Webhooks;

/// <summary>Names of the message headers that webhooks carry, for filters and tools that do not read the body.</summary>
public static class WebhookHeaders
{
    /// <summary>Whose webhook it is: <see cref="Webhook.Tenant"/>, where there is one.</summary>
    public const string Tenant = "MT-Webhook-Tenant";
}
