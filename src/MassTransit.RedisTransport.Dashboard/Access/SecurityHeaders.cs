using Microsoft.AspNetCore.Http;

namespace MassTransit.RedisTransport.Dashboard.Access;

/// <summary>
/// What a browser is told with every answer: to run nothing but the dashboard's own script, and to show it to no other site.
/// </summary>
internal static class SecurityHeaders
{
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>For downloads: what is opened from one cannot do anything, whatever the browser takes it for.</summary>
    public const string DownloadPolicy = "default-src 'none'; sandbox";

    public static void Apply(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        // Not no-referrer: Chromium would then say 'Origin: null' with forms.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
    }
}
