using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Linear's <c>Linear-Signature</c> (linear.app/developers/webhooks). The time of sending is in the body, and so is signed.
/// </summary>
internal sealed class LinearScheme() : ImmediateScheme
{
    static readonly JsonFacts Facts = new("webhookTimestamp", "type");

    readonly HmacScheme _signature = new(new WebhookHmacOptions { Header = "Linear-Signature" }, isLowerHex: true);

    public override IReadOnlyList<string> ProofHeaders => _signature.ProofHeaders;

    public override bool SignsTimestamp => true;

    public override bool HasIdHeader => true;

    // Each body has the milliseconds of its sending.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.AnyEventType;

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookVerdict Precheck(WebhookRequest request) => _signature.Precheck(request);

    public override WebhookVerification Verify(WebhookRequest request)
    {
        var verification = _signature.Verify(request);
        if (verification.Verdict != WebhookVerdict.Accepted)
            return verification;
        const WebhookTimestampFormat format = WebhookTimestampFormat.UnixMilliseconds;
        if (Facts.Read(request.Body.Span)[0] is not { } text)
            return WebhookVerdict.TimestampMissing;
        if (!SignedTime.TryParse(text, format, isTight: false, out var time))
            return WebhookVerdict.TimestampMalformed;
        return SignedTime.IsWithin(time, request.Now, request.Tolerance, format)
            ? verification : WebhookVerdict.TimestampOutsideWindow;
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) =>
        new(request.Header("Linear-Delivery"), Facts.Read(request.Body.Span)[1] ?? "") { IsEventTypeSigned = true };
}
