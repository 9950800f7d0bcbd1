using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Standard Webhooks 1.0.0 with a shared secret (v1), under the header names of the standard and of Svix.</summary>
internal sealed class StandardWebhooksScheme() : HmacScheme(new SignedTemplate("{id}.{timestamp}.{body}"), HashAlgorithmName.SHA256)
{
    const string Version = "v1,";
    const string SecretPrefix = "whsec_";

    public override bool SignsId => true;

    public override bool SignsEventType => true;

    public override IReadOnlyList<string> ProofHeaders => ["webhook-signature", "svix-signature"];

    public override string? FindSecretError(string secret) =>
        ReadKey(secret) is null ? "is not base64 after 'whsec_'" : null;

    protected override byte[]? ReadKey(string secret)
    {
        var text = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length > 0 ? key[..length] : null;
    }

    protected override IngressReason Read(IHeaderDictionary headers, out Offer offer)
    {
        offer = default;
        var prefix = Prefix(headers);
        var reason = ReadSignature(headers, prefix + "signature", out var signatures);
        if (reason != IngressReason.Accepted)
            return reason;
        reason = ReadOne(headers, prefix + "id", IngressReason.IdMissing, IngressReason.IdMalformed, out var id);
        if (reason != IngressReason.Accepted)
            return reason;
        reason = ReadTimestamp(headers, prefix + "timestamp", out var timestamp);
        if (reason != IngressReason.Accepted)
            return reason;

        var codes = new List<byte[]>();
        var malformed = true;
        foreach (var range in signatures.AsSpan().Split(' '))
        {
            var part = signatures.AsSpan(range);
            if (!part.StartsWith(Version, StringComparison.Ordinal))
            {
                // A part with another version is skipped but counts as well-formed. A part without a comma does not count.
                malformed &= part.IndexOf(',') <= 0;
            }
            else if (CodeDecoder.DecodeBase64(part[Version.Length..]) is { } code)
            {
                codes.Add(code);
                malformed = false;
            }
        }

        offer = new Offer(codes, id, timestamp);
        return malformed ? IngressReason.SignatureMalformed : IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, Prefix(headers) + "id"), JsonFacts.Read(body).Type ?? "");

    static string Prefix(IHeaderDictionary headers) =>
        headers.ContainsKey("webhook-signature") || !headers.ContainsKey("svix-signature") ? "webhook-" : "svix-";
}
