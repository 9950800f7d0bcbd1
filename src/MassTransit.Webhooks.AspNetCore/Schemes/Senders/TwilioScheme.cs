using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Twilio's <c>X-Twilio-Signature</c> (twilio.com/docs/usage/security): the address and the sorted fields of a form, or the address with
/// the body's hash in its query. Its fields are joined without separators, so whoever has captured a request could move characters between
/// a name and its value; a public address that is configured keeps them from moving into the address.
/// </summary>
internal sealed class TwilioScheme() : ImmediateScheme
{
    const string Header = "X-Twilio-Signature";

    /// <summary>The fields of Twilio's products that say what has happened.</summary>
    static readonly string[] Events = ["EventType", "MessageStatus", "SmsStatus", "CallStatus"];

    static readonly JsonFacts Facts = new("type", "[0].type", "id", "[0].id");

    readonly HmacScheme _form = new(Declare("{url}{form}", null));
    readonly HmacScheme _other = new(Declare("{url}", "bodySHA256"));

    public override IReadOnlyList<string> ProofHeaders { get; } = [Header];

    public override bool HasIdHeader => true;

    /// <summary>An empty answer in Twilio's markup: do nothing further.</summary>
    public override WebhookAnswer Success { get; } = WebhookAnswer.Of("<Response></Response>", "text/xml; charset=utf-8");

    public override WebhookVerdict Precheck(WebhookRequest request) => Of(request).Precheck(request);

    public override WebhookVerification Verify(WebhookRequest request) => Of(request).Verify(request);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var token = request.Header("I-Twilio-Idempotency-Token");
        var body = request.Body.Span;
        if (SortedForm.Is(request.Header("Content-Type")))
        {
            foreach (var name in Events)
            {
                if (SortedForm.Find(body, name) is { } value)
                    return new WebhookFacts(token, value) { IsEventTypeSigned = true };
            }

            return new WebhookFacts(token) { IsEventTypeSigned = true };
        }

        var found = Facts.Read(body);
        return new WebhookFacts(found[2] ?? found[3] ?? token, found[0] ?? found[1] ?? "")
        {
            IsIdSigned = (found[2] ?? found[3]) is not null,
            IsEventTypeSigned = true,
        };
    }

    HmacScheme Of(WebhookRequest request) => SortedForm.Is(request.Header("Content-Type")) ? _form : _other;

    static WebhookHmacOptions Declare(string content, string? bodyHash) => new()
    {
        Header = Header,
        Encoding = WebhookCodeEncoding.Base64,
        Hash = WebhookHash.Sha1,
        AllowSha1 = true,
        SignedContent = content,
        BodyHashParameter = bodyHash,
    };
}
