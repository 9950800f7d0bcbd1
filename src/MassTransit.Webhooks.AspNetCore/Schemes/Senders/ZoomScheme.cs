using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Zoom's <c>x-zm-signature</c> (developers.zoom.us/docs/api/webhooks). When an address is entered, Zoom sends a text, and expects it back
/// together with its code.
/// </summary>
internal sealed class ZoomScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "x-zm-signature",
    Prefix = "v0=",
    SignedContent = "v0:{timestamp}:{body}",
    TimestampHeader = "x-zm-request-timestamp",
    EventTypeProperty = "event",
}, isLowerHex: true)
{
    const string Question = "endpoint.url_validation";

    static readonly JsonFacts Facts = new("payload.plainToken");

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var facts = base.Describe(request, verification);
        if (facts.EventType != Question || verification.Secret is not { } secret
            || Facts.Read(request.Body.Span)[0] is not { } text)
            return facts;
        var code = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));
        return facts with
        {
            Challenge = WebhookAnswer.Json(("plainToken", text), ("encryptedToken", Convert.ToHexStringLower(code))),
        };
    }
}
