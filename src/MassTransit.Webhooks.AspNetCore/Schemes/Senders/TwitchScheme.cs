using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Twitch's EventSub (dev.twitch.tv/docs/eventsub/handling-webhook-events).</summary>
internal sealed class TwitchScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "Twitch-Eventsub-Message-Signature",
    Prefix = "sha256=",
    // Nothing separates them: the time has one form, which says where the id before it and the body behind it begin.
    SignedContent = "{id}{timestamp}{body}",
    IdHeader = "Twitch-Eventsub-Message-Id",
    TimestampHeader = "Twitch-Eventsub-Message-Timestamp",
    TimestampFormat = WebhookTimestampFormat.Iso8601,
    EventTypeProperty = "subscription.type",
}, isLowerHex: true)
{
    const string Asking = "webhook_callback_verification_pending";

    static readonly JsonFacts Facts = new("subscription.status", "challenge");

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status204NoContent);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var facts = base.Describe(request, verification);
        var found = Facts.Read(request.Body.Span);
        return found[0] switch
        {
            Asking when found[1] is { } challenge => facts with { Challenge = WebhookAnswer.Text(challenge) },
            null or "enabled" => facts,
            // The subscription has ended: no event of its type has happened.
            _ => facts with { EventType = "revocation" },
        };
    }
}
