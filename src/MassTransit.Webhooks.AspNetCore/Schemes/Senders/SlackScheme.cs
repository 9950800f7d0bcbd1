using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Slack's signature v0, for its Events API (JSON) and for its commands and interactions (forms).</summary>
internal sealed class SlackScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "X-Slack-Signature",
    Prefix = "v0=",
    SignedContent = "v0:{timestamp}:{body}",
    TimestampHeader = "X-Slack-Request-Timestamp",
}, isLowerHex: true)
{
    static readonly JsonFacts Facts = new("type", "event_id", "event.type", "challenge");

    // Commands and interactions have no id, but each body contains a unique trigger.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.AnyEventType;

    /// <summary>Slack's documentation says that commands and interactions must be answered with 200.</summary>
    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var facts = Facts.Read(request.Body.Span);
        var (type, id, eventType) = (facts[0], facts[1], facts[2]);
        return type == "url_verification" && facts[3] is { } challenge
            ? new WebhookFacts(null, type) { IsEventTypeSigned = true, Challenge = WebhookAnswer.Text(challenge) }
            // The event type is inside the envelope. The envelope's own type is always event_callback.
            : new WebhookFacts(id, eventType ?? type ?? "") { IsIdSigned = true, IsEventTypeSigned = true };
    }
}
