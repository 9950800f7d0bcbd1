using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Slack's signature v0, for its Events API (JSON) and for its commands and interactions (forms).</summary>
internal sealed class SlackScheme() : HmacScheme(new SignedTemplate("v0:{timestamp}:{body}"), HashAlgorithmName.SHA256)
{
    const string Header = "X-Slack-Signature";
    const string Prefix = "v0=";

    public override bool SignsId => true;

    public override bool SignsEventType => true;

    // Commands and interactions have no id, but each body contains a unique trigger.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.AnyEventType;

    /// <summary>Slack's documentation says that commands and interactions must be answered with 200.</summary>
    public override int AcceptedStatus => StatusCodes.Status200OK;

    public override IReadOnlyList<string> ProofHeaders => [Header];

    protected override IngressReason Read(IHeaderDictionary headers, out Offer offer)
    {
        offer = default;
        var reason = ReadSignature(headers, Header, out var signature);
        if (reason != IngressReason.Accepted)
            return reason;
        reason = ReadTimestamp(headers, "X-Slack-Request-Timestamp", out var timestamp);
        if (reason != IngressReason.Accepted)
            return reason;
        if (!signature.StartsWith(Prefix, StringComparison.Ordinal)
            || CodeDecoder.DecodeHex(signature.AsSpan(Prefix.Length)) is not { } code)
            return IngressReason.SignatureMalformed;
        offer = new Offer([code], Timestamp: timestamp);
        return IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        var json = JsonFacts.Read(body);
        return json is { Type: "url_verification", Challenge: { } challenge }
            ? new WebhookFacts(null, json.Type, challenge)
            // The event type is inside the envelope. The envelope's own type is always event_callback.
            : new WebhookFacts(json.EventId, json.EventType ?? json.Type ?? "");
    }
}
