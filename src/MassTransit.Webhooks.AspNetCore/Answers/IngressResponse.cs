using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The answer to the sender: the status, a code, and when to try again. It contains nothing else.</summary>
/// <param name="Reason">The result of the request.</param>
/// <param name="RetryAfter">How long to wait before the next try; <c>null</c> if a retry makes no difference.</param>
/// <param name="Answer">What the sender expects for a success or for its question, if that is not the reason's own status.</param>
/// <param name="Cause">The cause, which is only logged.</param>
internal readonly record struct IngressResponse(IngressReason Reason, TimeSpan? RetryAfter = null, WebhookAnswer? Answer = null,
    Exception? Cause = null)
{
    public static implicit operator IngressResponse(IngressReason reason) => new(reason);

    public (int Status, string Code) Describe()
    {
        var (status, code) = Reason.Describe();
        return (Answer?.Status ?? status, code);
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

        if (Answer is { } answer)
            await WriteAsync(response, answer).ConfigureAwait(false);
        else if (status >= StatusCodes.Status400BadRequest)
        {
            response.ContentType = "application/problem+json";
            await response.Body.WriteAsync(Problem(status, code)).ConfigureAwait(false);
        }
    }

    static async Task WriteAsync(HttpResponse response, WebhookAnswer answer)
    {
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;
        if (answer.ContentType is null)
            return;
        response.ContentType = answer.ContentType;
        // The text may be the sender's, so a browser must not interpret it.
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentLength = answer.Body.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(answer.Body).ConfigureAwait(false);
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
