namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Standard Webhooks 1.0.0 with a shared secret (v1), under the header names of the standard and of Svix.</summary>
internal sealed class StandardWebhooksScheme(WebhookSecretEncoding secrets = WebhookSecretEncoding.Base64)
    : AlternativeScheme(Named("webhook-", secrets), Named("svix-", secrets))
{
    static HmacScheme Named(string prefix, WebhookSecretEncoding secrets) => new(new WebhookHmacOptions
    {
        Header = $"{prefix}signature",
        Separator = " ",
        Prefix = "v1,",
        Encoding = WebhookCodeEncoding.Base64,
        SignedContent = "{id}.{timestamp}.{body}",
        IdHeader = $"{prefix}id",
        TimestampHeader = $"{prefix}timestamp",
        EventTypeProperty = "type",
        SecretEncoding = secrets,
        SecretPrefix = secrets == WebhookSecretEncoding.Base64 ? "whsec_" : "",
    });
}
