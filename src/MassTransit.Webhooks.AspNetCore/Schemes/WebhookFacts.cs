namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What a verified request says of itself.</summary>
/// <param name="Id">The sender's id of the webhook; <c>null</c> if it gives none.</param>
/// <param name="EventType">The event type; empty if the sender gives none.</param>
public readonly record struct WebhookFacts(string? Id, string EventType = "")
{
    /// <summary>
    /// Whether the signature covers the id. Default <c>false</c>: whoever has captured a request could send it again under another id (see
    /// <see cref="WebhookReplayProtection"/>).
    /// </summary>
    public bool IsIdSigned { get; init; }

    /// <summary>Whether the signature covers the event type. Default <c>false</c>.</summary>
    public bool IsEventTypeSigned { get; init; }

    /// <summary>
    /// The answer that the sender expects to a question of its own (Slack's <c>url_verification</c>). The request is answered and not
    /// published. Default <c>null</c>: the request is a webhook.
    /// </summary>
    public WebhookAnswer? Challenge { get; init; }
}
