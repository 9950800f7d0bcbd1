namespace MassTransit.Webhooks;

/// <summary>
/// Refuses what cannot be sent before it shares a message with webhooks of others, which would fail with it: a property that is
/// <c>null</c> although it must not be, as a careless deserializer makes it.
/// </summary>
internal static class WebhookGuard
{
    /// <exception cref="ArgumentNullException">There is no webhook.</exception>
    /// <exception cref="ArgumentException">A property is <c>null</c>; the message names it and the cure.</exception>
    public static Webhook Check(Webhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var missing = webhook switch
        {
            { Id: null } => nameof(Webhook.Id),
            { Receiver: null } => nameof(Webhook.Receiver),
            { EventType: null } => nameof(Webhook.EventType),
            { Body: null } => nameof(Webhook.Body),
            { Headers: null } => nameof(Webhook.Headers),
            _ => null,
        };
        if (missing is not null)
            throw new ArgumentException($"{missing} of the webhook is null: leave it out for the default, which is empty.", nameof(webhook));
        // The empty one's enumerator would be an allocation a webhook.
        if (webhook is { Headers: { Count: > 0 } headers })
        {
            foreach (var header in headers)
            {
                if (header.Value is null)
                    throw new ArgumentException($"The header '{header.Key}' of the webhook is null: leave it out, or give it an empty text.", nameof(webhook));
            }
        }

        return webhook;
    }
}
