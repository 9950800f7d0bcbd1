using System.Collections.ObjectModel;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Which headers go with the webhook: those that are listed, and never one that proves something.</summary>
internal static class HeaderSelection
{
    /// <summary>What no name of a header that is handed on may contain. <c>webhook-signature</c>, <c>x-api-key</c>, <c>x-amz-security-token</c>, …</summary>
    static readonly string[] Forbidden = ["signature", "hmac", "token", "secret", "authorization", "cookie", "password", "credential", "api-key", "apikey"];

    public static IReadOnlyDictionary<string, string> Select(IHeaderDictionary headers, IList<string> allowed, IReadOnlyList<string> proofs)
    {
        Dictionary<string, string>? selected = null;
        foreach (var (name, values) in headers)
        {
            if (!allowed.Any(x => Matches(name, x)) || proofs.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            if (Forbidden.Any(x => name.Contains(x, StringComparison.OrdinalIgnoreCase)))
                continue;
            (selected ??= [])[name.ToLowerInvariant()] = values.ToString();
        }

        return selected ?? (IReadOnlyDictionary<string, string>)ReadOnlyDictionary<string, string>.Empty;
    }

    static bool Matches(string name, string pattern) => pattern.EndsWith('*')
        ? name.AsSpan().StartsWith(pattern.AsSpan()[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
