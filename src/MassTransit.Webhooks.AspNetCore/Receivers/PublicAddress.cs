using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The addresses under which a sender may know the receiver, for senders that sign the address.</summary>
internal static class PublicAddress
{
    /// <summary>
    /// The configured ones, or the address of the request. A configured one without a path is a host, to which the request's path and query
    /// are added; one with a path gets the request's query if it has none.
    /// </summary>
    public static IReadOnlyList<string> Of(HttpRequest request, IList<string> configured)
    {
        if (configured.Count == 0)
            return [.. Targets(request).Select(x => $"{request.Scheme}://{request.Host.ToUriComponent()}{x}")];
        return [.. configured.SelectMany(x => Complete(x, request)).Distinct(StringComparer.Ordinal)];
    }

    /// <returns>The error of a configured address; <c>null</c> if there is none.</returns>
    public static string? FindError(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Fragment.Length == 0
            ? null : "is no address by HTTP: write it as the sender has it, such as https://hooks.example.com/webhooks/square";

    static IEnumerable<string> Complete(string address, HttpRequest request)
    {
        var path = address.IndexOf('/', address.IndexOf("://", StringComparison.Ordinal) + 3);
        if (path < 0 || path == address.Length - 1)
            return Targets(request).Select(x => (path < 0 ? address : address[..path]) + x);
        return [address.Contains('?', StringComparison.Ordinal) ? address : address + request.QueryString.ToUriComponent()];
    }

    /// <summary>
    /// Path and query: as ASP.NET Core has read them, with the base path that a proxy may have told; and byte for byte as they came, if
    /// that is another text.
    /// </summary>
    static IEnumerable<string> Targets(HttpRequest request)
    {
        var read = UriHelper.BuildRelative(request.PathBase, request.Path, request.QueryString);
        yield return read;
        if (request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is { } raw && raw.StartsWith('/') && raw != read)
            yield return raw;
    }
}
