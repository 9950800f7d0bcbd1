using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What the sender is told: the status, a code, and when to come again. No more.</summary>
/// <param name="Reason">What became of the request.</param>
/// <param name="RetryAfter">When to come again; <c>null</c> where it makes no difference.</param>
/// <param name="Challenge">What a sender wants to hear again.</param>
/// <param name="Status">The status, where it is not the reason's own.</param>
/// <param name="Cause">What went wrong, for the log alone.</param>
internal readonly record struct IngressResponse(IngressReason Reason, TimeSpan? RetryAfter = null, string? Challenge = null, int? Status = null, Exception? Cause = null)
{
    public static implicit operator IngressResponse(IngressReason reason) => new(reason);

    public (int Status, string Code) Describe()
    {
        var (status, code) = Reason.Describe();
        return (Status ?? status, code);
    }

    /// <summary>
    /// Answers, also where the request is said to have ended: what ended it may be a timeout of this application's, whose sender waits. Where there
    /// is no way left to say it, the connection is broken off, which no sender takes for success.
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
            // The text is the sender's: no browser shall make anything of it.
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
