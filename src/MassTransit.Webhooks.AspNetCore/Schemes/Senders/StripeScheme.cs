namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Stripe's <c>Stripe-Signature</c>. One header holds a timestamp and any number of codes of several versions.</summary>
internal sealed class StripeScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "Stripe-Signature",
    Separator = ",",
    TimestampPrefix = "t=",
    Prefix = "v1=",
    SignedContent = "{timestamp}.{body}",
    IdProperty = "id",
    EventTypeProperty = "type",
}, isLowerHex: true);
