using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A keyed hash (HMAC) that the user declares.</summary>
internal sealed class GenericHmacScheme : HmacScheme
{
    readonly WebhookHmacOptions _options;
    readonly SignedTemplate _template;

    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public GenericHmacScheme(WebhookHmacOptions options) : this(options, new SignedTemplate(options.SignedContent))
    {
    }

    GenericHmacScheme(WebhookHmacOptions options, SignedTemplate template) : base(template, Algorithm(options.Hash))
    {
        _options = options;
        _template = template;
        if (string.IsNullOrWhiteSpace(options.Header))
            throw new ArgumentException("WebhookHmacOptions.Header is empty: name the header that carries the signature.", nameof(options));
        if (template.UsesId && options.IdHeader is null)
            throw new ArgumentException("WebhookHmacOptions.SignedContent contains {id}: name its header in IdHeader.", nameof(options));
        if (template.UsesTimestamp != options.TimestampHeader is not null)
        {
            // Anyone could change an unsigned timestamp to one inside the window.
            throw new ArgumentException(
                "WebhookHmacOptions.TimestampHeader and {timestamp} in SignedContent belong together: give both, or neither.",
                nameof(options));
        }
    }

    public override bool SignsId => _template.UsesId;

    public override bool HasIdHeader => _options.IdHeader is not null;

    // The kind of bodies is unknown, and a sender may send the same body for two event types. Without an id header there is no id that an
    // attacker could change.
    public override WebhookReplayProtection ReplayProtection =>
        !HasIdHeader || SignsId ? WebhookReplayProtection.None : WebhookReplayProtection.SameEventType;

    public override IReadOnlyList<string> ProofHeaders => [_options.Header];

    protected override IngressReason Read(IHeaderDictionary headers, out Offer offer)
    {
        offer = default;
        var reason = ReadSignature(headers, _options.Header, out var signature);
        if (reason != IngressReason.Accepted)
            return reason;

        var (id, timestamp) = ("", "");
        if (_template.UsesId)
        {
            reason = ReadOne(headers, _options.IdHeader!, IngressReason.IdMissing, IngressReason.IdMalformed, out id);
            if (reason != IngressReason.Accepted)
                return reason;
        }

        if (_template.UsesTimestamp)
        {
            reason = ReadTimestamp(headers, _options.TimestampHeader!, out timestamp);
            if (reason != IngressReason.Accepted)
                return reason;
        }

        if (!signature.StartsWith(_options.Prefix, StringComparison.Ordinal))
            return IngressReason.SignatureMalformed;
        var text = signature.AsSpan(_options.Prefix.Length);
        var code = _options.Encoding == WebhookCodeEncoding.Hex
            ? CodeDecoder.DecodeHex(text, anyCase: true) : CodeDecoder.DecodeBase64(text);
        if (code is null)
            return IngressReason.SignatureMalformed;
        offer = new Offer([code], id, timestamp);
        return IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, _options.IdHeader), HeaderReader.ReadOptional(headers, _options.EventTypeHeader) ?? "");

    static HashAlgorithmName Algorithm(WebhookHash hash) => hash switch
    {
        WebhookHash.Sha256 => HashAlgorithmName.SHA256,
        WebhookHash.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new ArgumentOutOfRangeException(nameof(hash), hash, "WebhookHmacOptions.Hash is unknown: use Sha256 or Sha512.")
    };
}
