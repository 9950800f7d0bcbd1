using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>GitHub's <c>X-Hub-Signature-256</c>. It signs no timestamp, so a repeat is recognized by its id.</summary>
internal sealed class GitHubScheme() : HmacScheme(new SignedTemplate("{body}"), HashAlgorithmName.SHA256)
{
    const string Header = "X-Hub-Signature-256";
    const string Prefix = "sha256=";

    public override bool HasIdHeader => true;

    // GitHub's bodies differ from event to event, so an equal body under another event type is a captured one.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.AnyEventType;

    // GitHub also sends the old SHA-1 signature.
    public override IReadOnlyList<string> ProofHeaders => [Header, "X-Hub-Signature"];

    protected override IngressReason Read(IHeaderDictionary headers, out Offer offer)
    {
        offer = default;
        var reason = ReadSignature(headers, Header, out var signature);
        if (reason != IngressReason.Accepted)
            return reason;
        if (!signature.StartsWith(Prefix, StringComparison.Ordinal)
            || CodeDecoder.DecodeHex(signature.AsSpan(Prefix.Length)) is not { } code)
            return IngressReason.SignatureMalformed;
        offer = new Offer([code]);
        return IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, "X-GitHub-Delivery"), HeaderReader.ReadOptional(headers, "X-GitHub-Event") ?? "");
}
