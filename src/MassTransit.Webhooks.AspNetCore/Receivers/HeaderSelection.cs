using System.Collections.ObjectModel;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Which headers go with the webhook: those that are listed, and never one that proves something, as far as its name or its value shows that.</summary>
internal static class HeaderSelection
{
    /// <summary>What no name of a header that is handed on may contain. <c>webhook-signature</c>, <c>x-api-key</c>, <c>x-amz-security-token</c>, …</summary>
    static readonly string[] Forbidden =
    [
        "signature", "hmac", "token", "secret", "authorization", "authentication", "cookie", "password", "passphrase", "credential",
        "api-key", "apikey", "session", "jwt", "clientcert"
    ];

    /// <summary>What no part of a name, between hyphens, may be: too short to be looked for inside words.</summary>
    static readonly string[] ForbiddenParts = ["auth", "key", "pass", "passwd", "pwd", "pin", "otp", "sid", "sig", "assertion", "bearer", "cert", "certificate"];

    /// <summary>How credentials begin, under whatever name.</summary>
    static readonly string[] ForbiddenValues = ["bearer ", "basic ", "digest ", "negotiate ", "ntlm ", "aws4-hmac-sha256 "];

    /// <summary>A key that is none.</summary>
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

    /// <summary>Whether a pattern says nothing about whose headers it means, and so hands on credentials under names that nobody has thought of.</summary>
    public static bool IsBoundless(string pattern) =>
        pattern is "*" || pattern.Equals("x-*", StringComparison.OrdinalIgnoreCase) || pattern.Equals("x*", StringComparison.OrdinalIgnoreCase);

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

        // A JSON web token: three parts, the first of which begins with {".
        return value.StartsWith("eyJ", StringComparison.Ordinal) && value.AsSpan().Count('.') == 2;
    }

    static bool Matches(string name, string pattern) => pattern.EndsWith('*')
        ? name.AsSpan().StartsWith(pattern.AsSpan()[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
