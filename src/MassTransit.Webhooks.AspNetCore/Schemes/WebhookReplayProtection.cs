namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// What a receiver takes for a captured request that somebody sends again under another id, where the sender's signature does not
/// cover the id: equal signed bytes, of the same receiver and tenant, within <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
/// </summary>
public enum WebhookReplayProtection
{
    /// <summary>None: whoever has captured one request can have its body published again and again, under ids of his own.</summary>
    None,

    /// <summary>
    /// Equal signed bytes with the same event type. For senders that tell several events by one body (Shopify: an order that is
    /// created and paid). A captured request can be published once more as each other event type.
    /// </summary>
    SameEventType,

    /// <summary>Equal signed bytes, whatever event type stands beside them. For senders whose bodies differ from event to event.</summary>
    AnyEventType
}
