namespace MassTransit.Webhooks;

/// <summary>
/// Refuses a webhook whose required property is <c>null</c>, as a deserializer may create it. It is refused before it joins a bundle,
/// because the other webhooks of the bundle would fail with it.
/// </summary>
internal static class WebhookGuard
{
    /// <exception cref="ArgumentNullException">The webhook is <c>null</c>.</exception>
    /// <exception cref="ArgumentException">A property is <c>null</c>. The message names the property and the cure.</exception>
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
            throw new ArgumentException($"{missing} of the webhook is null: leave it out for the default, which is empty.",
                nameof(webhook));
        // Skips empty headers, because their enumerator would be an allocation for each webhook.
        if (webhook is { Headers: { Count: > 0 } headers })
        {
            foreach (var header in headers)
            {
                if (header.Value is null)
                    throw new ArgumentException(
                        $"The header '{header.Key}' of the webhook is null: leave it out, or give it an empty text.", nameof(webhook));
            }
        }

        return webhook;
    }
}
