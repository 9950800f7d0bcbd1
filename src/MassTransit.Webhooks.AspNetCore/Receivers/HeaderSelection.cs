using System.Collections.ObjectModel;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Selects the headers that are published with the webhook: those that are listed, but no credential that can be recognized by its name or
/// value.
/// </summary>
internal static class HeaderSelection
{
    /// <summary>
    /// Texts that the name of a published header must not contain. Examples: <c>webhook-signature</c>, <c>x-api-key</c>,
    /// <c>x-amz-security-token</c>.
    /// </summary>
    static readonly string[] Forbidden =
    [
        "signature", "hmac", "token", "secret", "authorization", "authentication", "cookie", "password", "passphrase", "credential",
        "api-key", "apikey", "session", "jwt", "clientcert"
    ];

    /// <summary>Texts that no part of a name between hyphens may equal. They are too short to be looked for inside words.</summary>
    static readonly string[] ForbiddenParts =
        ["auth", "key", "pass", "passwd", "pwd", "pin", "otp", "sid", "sig", "assertion", "bearer", "cert", "certificate"];

    /// <summary>The beginnings of values that are credentials under any name.</summary>
    static readonly string[] ForbiddenValues = ["bearer ", "basic ", "digest ", "negotiate ", "ntlm ", "aws4-hmac-sha256 "];

    /// <summary>A name that contains "key" and is no credential.</summary>
    const string Harmless = "idempotency-key";

    public static IReadOnlyDictionary<string, string> Select(IHeaderDictionary headers, IList<string> allowed, IReadOnlyList<string> proofs)
    {
        Dictionary<string, string>? selected = null;
        foreach (var (name, values) in headers)
        {
            if (!allowed.Any(x => Matches(name, x)) || proofs.Contains(name, StringComparer.OrdinalIgnoreCase) || IsForbidden(name))
                continue;
            var value = values.ToString();
            if (!IsCredential(value))
                (selected ??= [])[name.ToLowerInvariant()] = value;
        }

        return selected ?? (IReadOnlyDictionary<string, string>)ReadOnlyDictionary<string, string>.Empty;
    }

    /// <summary>
    /// Whether a pattern matches headers of any origin, so that it would also publish credentials under unexpected names.
    /// </summary>
    public static bool IsBoundless(string pattern) =>
        pattern is "*" || pattern.Equals("x-*", StringComparison.OrdinalIgnoreCase)
            || pattern.Equals("x*", StringComparison.OrdinalIgnoreCase);

    static bool IsForbidden(string name)
    {
        foreach (var text in Forbidden)
        {
            if (name.Contains(text, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        if (name.Equals(Harmless, StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var range in name.AsSpan().SplitAny('-', '_'))
        {
            foreach (var part in ForbiddenParts)
            {
                if (name.AsSpan(range).Equals(part, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    static bool IsCredential(string value)
    {
        foreach (var start in ForbiddenValues)
        {
            if (value.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        // A JSON web token has three parts, and the first one begins with {" in base64.
        return value.StartsWith("eyJ", StringComparison.Ordinal) && value.AsSpan().Count('.') == 2;
    }

    static bool Matches(string name, string pattern) => pattern.EndsWith('*')
        ? name.AsSpan().StartsWith(pattern.AsSpan()[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
