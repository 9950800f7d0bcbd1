using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A shared token in a header, as GitLab sends it. It proves the sender, but not the body.</summary>
internal sealed class TokenScheme(WebhookTokenOptions options) : WebhookScheme
{
    public override IReadOnlyList<string> ProofHeaders => [options.Header];

    public override IngressReason Verify(in SignedRequest request)
    {
        switch (HeaderReader.Read(request.Headers, options.Header, out var value))
        {
            case HeaderReader.Found.None:
                return IngressReason.SignatureMissing;
            case HeaderReader.Found.Unusable:
                return IngressReason.SignatureMalformed;
        }

        if (!value.StartsWith(options.Prefix, StringComparison.Ordinal))
            return IngressReason.SignatureMalformed;

        // Of hashes, which have one length: otherwise the time would tell how long the token is.
        Span<byte> offered = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(value[options.Prefix.Length..]), offered);
        var secrets = 0;
        var valid = false;
        foreach (var secret in request.Secrets)
        {
            if (secret.Length == 0)
                continue;
            secrets++;
            SHA256.HashData(Encoding.UTF8.GetBytes(secret), expected);
            valid |= CryptographicOperations.FixedTimeEquals(expected, offered);
        }

        if (secrets == 0)
            return IngressReason.SecretsUnavailable;
        return valid ? IngressReason.Accepted : IngressReason.SignatureMismatch;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, options.IdHeader), HeaderReader.ReadOptional(headers, options.EventTypeHeader) ?? "");
}
