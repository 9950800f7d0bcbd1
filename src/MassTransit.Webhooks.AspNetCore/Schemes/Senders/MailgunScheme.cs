using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Mailgun's signature (documentation.mailgun.com, Securing webhooks), which is a part of the body and covers a time and a text that is
/// used once, but neither the event nor its id. So whoever has captured a request could send another event with its signature, once, within
/// the time; a second use is recognized by the code.
/// </summary>
internal sealed class MailgunScheme() : ImmediateScheme
{
    static readonly JsonFacts Facts =
        new("signature.timestamp", "signature.token", "signature.signature", "event-data.id", "event-data.event");

    public override bool SignsTimestamp => true;

    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.AnyEventType;

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookVerification Verify(WebhookRequest request)
    {
        var found = Facts.Read(request.Body.Span);
        if (found[2] is not { Length: > 0 } signature)
            return WebhookVerdict.SignatureMissing;
        if (found[0] is not { Length: > 0 } timestamp)
            return WebhookVerdict.TimestampMissing;
        const WebhookTimestampFormat format = WebhookTimestampFormat.UnixSeconds;
        if (!SignedTime.TryParse(timestamp, format, isTight: true, out var time))
            return WebhookVerdict.TimestampMalformed;
        if (!SignedTime.IsWithin(time, request.Now, request.Tolerance, format))
            return WebhookVerdict.TimestampOutsideWindow;
        if (found[1] is not { Length: > 0 } token || CodeDecoder.DecodeHex(signature) is not { } code)
            return WebhookVerdict.SignatureMalformed;
        return Compare(request, Encoding.UTF8.GetBytes(timestamp + token), code);
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var found = Facts.Read(request.Body.Span);
        return new WebhookFacts(found[3], found[4] ?? "");
    }

    WebhookVerification Compare(WebhookRequest request, byte[] content, byte[] code)
    {
        var hasKey = false;
        WebhookVerification? verified = null;
        foreach (var secret in request.Secrets)
        {
            if (FindSecretError(secret) is not null)
                continue;
            hasKey = true;
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), content);
            if (CryptographicOperations.FixedTimeEquals(expected, code))
                verified ??= new WebhookVerification(WebhookVerdict.Accepted) { Proof = expected, Secret = secret };
        }

        return !hasKey ? WebhookVerdict.SecretsUnavailable : verified ?? WebhookVerdict.SignatureMismatch;
    }
}
