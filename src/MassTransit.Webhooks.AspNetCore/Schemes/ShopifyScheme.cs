using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Shopify's <c>X-Shopify-Hmac-SHA256</c>. It signs no timestamp, so a repeat is recognized by its id.</summary>
internal sealed class ShopifyScheme() : HmacScheme(new SignedTemplate("{body}"), HashAlgorithmName.SHA256)
{
    const string Header = "X-Shopify-Hmac-SHA256";

    public override bool HasIdHeader => true;

    // Shopify may send the same body for several events, such as an order that is created and paid.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.SameEventType;

    /// <summary>Shopify's documentation says: "Your server must respond with a 200 OK".</summary>
    public override int AcceptedStatus => StatusCodes.Status200OK;

    public override IReadOnlyList<string> ProofHeaders => [Header];

    protected override IngressReason Read(IHeaderDictionary headers, out Offer offer)
    {
        offer = default;
        var reason = ReadSignature(headers, Header, out var signature);
        if (reason != IngressReason.Accepted)
            return reason;
        if (CodeDecoder.DecodeBase64(signature) is not { } code)
            return IngressReason.SignatureMalformed;
        offer = new Offer([code]);
        return IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, "X-Shopify-Webhook-Id"), HeaderReader.ReadOptional(headers, "X-Shopify-Topic") ?? "");
}
