using Microsoft.AspNetCore.Http;

namespace MassTransit.RedisTransport.Dashboard.Access;

/// <summary>
/// Refuses requests that another site's page has made in the user's browser. The browser says where a request comes from, so there is no
/// token, no cookie and no key that the replicas would have to share.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Returns why the request is refused; <c>null</c> if it is not.</summary>
    public static string? Problem(HttpRequest request, Uri? publicOrigin)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return null;

        // Browsers send it to HTTPS and to localhost. A user cannot type an address that makes a POST, so 'none' is refused too.
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site))
        {
            return site is [{ } only] && only.Equals("same-origin", StringComparison.OrdinalIgnoreCase)
                ? null : "The request came from another site's page.";
        }

        if (request.Headers.TryGetValue("Origin", out var origin))
        {
            return origin is [{ } named] && Uri.TryCreate(named, UriKind.Absolute, out var from)
                && (IsSame(from, RequestOrigin(request)) || IsSame(from, publicOrigin))
                    ? null : "The request came from another origin. Behind a proxy that changes Host, set PublicOrigin.";
        }

        // No browser: a tool with a token of its own. A cookie could be a browser's, of a kind that says nothing.
        return request.Headers.ContainsKey("Authorization") && !request.Headers.ContainsKey("Cookie")
            ? null
            : "The request says neither Sec-Fetch-Site nor Origin. A tool sends 'Sec-Fetch-Site: same-origin', or signs in by "
                + "Authorization and without a cookie.";
    }

    /// <summary>Scheme, host and port.</summary>
    public static bool IsOrigin(Uri address) =>
        (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.PathAndQuery == "/"
        && address.UserInfo.Length == 0 && address.Fragment.Length == 0;

    static Uri? RequestOrigin(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.ToUriComponent()}", UriKind.Absolute, out var origin) ? origin : null;

    static bool IsSame(Uri one, Uri? other) =>
        other is not null && one.Scheme == other.Scheme && one.Port == other.Port
        && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
