using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Shopify's <c>X-Shopify-Hmac-SHA256</c>, and its newer names without <c>X-</c>. It signs no timestamp, so a repeat is recognized by its
/// id.
/// </summary>
internal sealed class ShopifyScheme() : AlternativeScheme(Named("X-Shopify-"), Named("Shopify-"))
{
    // Shopify may send the same body for several events, such as an order that is created and paid.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.SameEventType;

    /// <summary>Shopify's documentation says: "Your server must respond with a 200 OK".</summary>
    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    static HmacScheme Named(string prefix) => new(new WebhookHmacOptions
    {
        Header = $"{prefix}Hmac-SHA256",
        Encoding = WebhookCodeEncoding.Base64,
        IdHeader = $"{prefix}Webhook-Id",
        EventTypeHeader = $"{prefix}Topic",
    });
}
