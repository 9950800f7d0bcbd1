namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Which requests a receiver treats as captured ones that somebody sends again under another id, if the sender's signature does not cover
/// the id. Such requests have equal signed bytes and the same receiver and tenant, and come within
/// <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
/// </summary>
public enum WebhookReplayProtection
{
    /// <summary>None. Anyone who has captured one request can publish its body again and again under other ids.</summary>
    None,

    /// <summary>
    /// Equal signed bytes with the same event type. For senders that send the same body for several events (Shopify: an order that is
    /// created and paid). A captured request can still be published once under each other event type.
    /// </summary>
    SameEventType,

    /// <summary>Equal signed bytes with any event type. For senders whose bodies differ from event to event.</summary>
    AnyEventType
}
