using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The answer to the sender: the status, a code, and when to try again. It contains nothing else.</summary>
/// <param name="Reason">The result of the request.</param>
/// <param name="RetryAfter">How long to wait before the next try; <c>null</c> if a retry makes no difference.</param>
/// <param name="Challenge">A text that the sender expects back.</param>
/// <param name="Status">The status, if it differs from that of the reason.</param>
/// <param name="Cause">The cause, which is only logged.</param>
internal readonly record struct IngressResponse(IngressReason Reason, TimeSpan? RetryAfter = null, string? Challenge = null,
    int? Status = null, Exception? Cause = null)
{
    public static implicit operator IngressResponse(IngressReason reason) => new(reason);

    public (int Status, string Code) Describe()
    {
        var (status, code) = Reason.Describe();
        return (Status ?? status, code);
    }

    /// <summary>
    /// Writes the answer, even if the request counts as aborted: a timeout of this application may have aborted it while the sender still
    /// waits. If no answer can be written any more, aborts the connection, because no sender treats that as success.
    /// </summary>
    public async Task WriteAsync(HttpContext context)
    {
        try
        {
            if (context.Response.HasStarted)
                context.Abort();
            else
                await WriteAsync(context.Response).ConfigureAwait(false);
        }
        catch (Exception)
        {
            context.Abort();
        }
    }

    async Task WriteAsync(HttpResponse response)
    {
        var (status, code) = Describe();
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (Reason == IngressReason.MethodNotAllowed)
            response.Headers.Allow = HttpMethods.Post;

        if (Challenge is not null)
        {
            response.ContentType = "text/plain; charset=utf-8";
            // The text comes from the sender, so a browser must not interpret it.
            response.Headers.XContentTypeOptions = "nosniff";
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(Challenge)).ConfigureAwait(false);
        }
        else if (status >= StatusCodes.Status400BadRequest)
        {
            response.ContentType = "application/problem+json";
            await response.Body.WriteAsync(Problem(status, code)).ConfigureAwait(false);
        }
    }

    static byte[] Problem(int status, string code)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
            writer.WriteNumber("status", status);
            writer.WriteString("reason", code);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
