using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A shared token in a header, as GitLab sends it. It proves the sender but not the body, and can be verified before the body is read.
/// </summary>
internal class TokenScheme(WebhookTokenOptions options) : ImmediateScheme
{
    public override IReadOnlyList<string> ProofHeaders { get; } = [options.Header];

    public override WebhookVerdict Precheck(WebhookRequest request) => Read(request, out _);

    public override WebhookVerification Verify(WebhookRequest request)
    {
        var reason = Read(request, out var token);
        return reason == WebhookVerdict.Accepted ? SharedText.Verify(token, request.Secrets, this) : reason;
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) =>
        new(request.Header(options.IdHeader), request.Header(options.EventTypeHeader) ?? "");

    WebhookVerdict Read(WebhookRequest request, out string token)
    {
        token = "";
        switch (HeaderReader.Read(request.Headers, options.Header, out var value))
        {
            case HeaderReader.Found.None:
                return WebhookVerdict.SignatureMissing;
            case HeaderReader.Found.Unusable:
                return WebhookVerdict.SignatureMalformed;
        }

        // The names of authentication schemes (Bearer, Basic) may be written in any case (RFC 9110).
        var comparison = options.Prefix.EndsWith(' ') ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (!value.StartsWith(options.Prefix, comparison))
            return WebhookVerdict.SignatureMalformed;
        token = value[options.Prefix.Length..];
        if (!options.IsBasic)
            return WebhookVerdict.Accepted;
        return TryDecode(token, out token) ? WebhookVerdict.Accepted : WebhookVerdict.SignatureMalformed;
    }

    /// <summary>User and password of HTTP's basic authentication, with a colon between them (RFC 7617).</summary>
    static bool TryDecode(string text, out string credentials)
    {
        credentials = "";
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.TrimStart(' '), bytes, out var length))
            return false;
        credentials = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        return credentials.Contains(':', StringComparison.Ordinal);
    }
}

/// <summary>Compares a text that both sides know.</summary>
internal static class SharedText
{
    public static WebhookVerification Verify(string offered, IReadOnlyList<string> secrets, WebhookScheme scheme)
    {
        // Compares hashes, because they all have the same length. Comparing the texts would show the length of the token by its time.
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(offered), given);
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        var isAny = false;
        string? matching = null;
        foreach (var secret in secrets)
        {
            if (scheme.FindSecretError(secret) is not null)
                continue;
            isAny = true;
            SHA256.HashData(Encoding.UTF8.GetBytes(secret), expected);
            if (CryptographicOperations.FixedTimeEquals(expected, given))
                matching ??= secret;
        }

        return !isAny ? WebhookVerdict.SecretsUnavailable
            : matching is null ? WebhookVerdict.SignatureMismatch
            : new WebhookVerification(WebhookVerdict.Accepted) { Secret = matching };
    }
}
