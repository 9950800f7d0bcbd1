using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Stripe's <c>Stripe-Signature</c>. One header holds a timestamp and any number of codes of several versions.</summary>
internal sealed class StripeScheme() : HmacScheme(new SignedTemplate("{timestamp}.{body}"), HashAlgorithmName.SHA256)
{
    const string Header = "Stripe-Signature";

    public override bool SignsId => true;

    public override bool SignsEventType => true;

    public override IReadOnlyList<string> ProofHeaders => [Header];

    protected override IngressReason Read(IHeaderDictionary headers, out Offer offer)
    {
        offer = default;
        var reason = ReadSignature(headers, Header, out var signature);
        if (reason != IngressReason.Accepted)
            return reason;

        var codes = new List<byte[]>();
        string? timestamp = null;
        var malformed = true;
        foreach (var range in signature.AsSpan().Split(','))
        {
            var part = signature.AsSpan(range).Trim(' ');
            var equals = part.IndexOf('=');
            if (equals <= 0)
                continue;

            var value = part[(equals + 1)..];
            switch (part[..equals])
            {
                case "t" when timestamp is not null:
                    return IngressReason.TimestampMalformed;
                case "t":
                    timestamp = value.ToString();
                    break;
                case "v1":
                    if (CodeDecoder.DecodeHex(value) is { } code)
                    {
                        codes.Add(code);
                        malformed = false;
                    }

                    break;
                default:
                    malformed = false;
                    break;
            }
        }

        if (string.IsNullOrEmpty(timestamp))
            return malformed ? IngressReason.SignatureMalformed : IngressReason.TimestampMissing;
        offer = new Offer(codes, Timestamp: timestamp);
        return malformed ? IngressReason.SignatureMalformed : IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        var json = JsonFacts.Read(body);
        return new WebhookFacts(json.Id, json.Type ?? "");
    }
}
