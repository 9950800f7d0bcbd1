namespace MassTransit;

/// <summary>The options of <c>AddWebhooks</c> for all webhooks of a bus.</summary>
internal sealed class WebhookOptions
{
    public bool RequireSubscriber { get; set; } = true;

    public bool Bundling { get; set; } = true;
}
