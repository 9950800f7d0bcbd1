using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A shared token in a header, as GitLab sends it. It proves the sender but not the body, and is verified before the body is read.
/// </summary>
internal sealed class TokenScheme(WebhookTokenOptions options) : WebhookScheme
{
    public override IReadOnlyList<string> ProofHeaders => [options.Header];

    public override IngressReason Precheck(IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance) => Read(headers, out _);

    public override IngressReason Begin(in SignedHeaders request, out SignatureCheck? check)
    {
        check = null;
        var reason = Read(request.Headers, out var token);
        if (reason != IngressReason.Accepted)
            return reason;

        // Compares hashes, because they all have the same length. Comparing the texts would show the length of the token by its time.
        Span<byte> offered = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), offered);
        var secrets = 0;
        var valid = false;
        foreach (var secret in request.Secrets)
        {
            if (FindSecretError(secret) is not null)
                continue;
            secrets++;
            SHA256.HashData(Encoding.UTF8.GetBytes(secret), expected);
            valid |= CryptographicOperations.FixedTimeEquals(expected, offered);
        }

        if (secrets == 0)
            return IngressReason.SecretsUnavailable;
        if (!valid)
            return IngressReason.SignatureMismatch;
        check = SignatureCheck.Passed;
        return IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, options.IdHeader), HeaderReader.ReadOptional(headers, options.EventTypeHeader) ?? "");

    IngressReason Read(IHeaderDictionary headers, out string token)
    {
        token = "";
        switch (HeaderReader.Read(headers, options.Header, out var value))
        {
            case HeaderReader.Found.None:
                return IngressReason.SignatureMissing;
            case HeaderReader.Found.Unusable:
                return IngressReason.SignatureMalformed;
        }

        if (!value.StartsWith(options.Prefix, StringComparison.Ordinal))
            return IngressReason.SignatureMalformed;
        token = value[options.Prefix.Length..];
        return IngressReason.Accepted;
    }
}
