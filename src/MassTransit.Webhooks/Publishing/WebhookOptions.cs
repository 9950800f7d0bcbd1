namespace MassTransit;

/// <summary>What <c>AddWebhooks</c> was configured with, for all webhooks of a bus.</summary>
internal sealed class WebhookOptions
{
    public bool RequireSubscriber { get; set; } = true;

    public bool Bundling { get; set; } = true;
}
