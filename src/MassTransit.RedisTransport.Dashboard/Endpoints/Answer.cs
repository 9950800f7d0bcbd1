using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>What an endpoint answers. It is made whole before the first byte is sent, so that a failure still becomes a page.</summary>
internal abstract class Answer
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public abstract Task WriteAsync(OpsRequest request);

    public static Answer Of(Page page, int status = StatusCodes.Status200OK) => new PageAnswer(page, status);

    public static Answer Of(ProblemPage page) => new PageAnswer(page, page.Status);

    /// <summary>After an action: the browser asks for the page that follows, so that reload and back repeat nothing.</summary>
    public static Answer SeeOther(Link link, object data) => new RedirectAnswer(link, data);

    public static Answer Download(ReadOnlyMemory<byte> content) => new DownloadAnswer(content);

    static async Task WriteAsync(HttpResponse response, string contentType, ReadOnlyMemory<byte> content)
    {
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        await response.Body.WriteAsync(content, response.HttpContext.RequestAborted).ConfigureAwait(false);
    }

    static Task WriteJsonAsync(HttpResponse response, object data) =>
        WriteAsync(response, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(data, data.GetType(), Json));

    sealed class PageAnswer(Page page, int status) : Answer
    {
        public override Task WriteAsync(OpsRequest request)
        {
            var response = request.Http.Response;
            if (request.WantsJson)
            {
                response.StatusCode = status;
                return WriteJsonAsync(response, page.Data);
            }

            var content = Layout.Render(page, request);
            response.StatusCode = status;
            return WriteAsync(response, "text/html; charset=utf-8", content);
        }
    }

    sealed class RedirectAnswer(Link link, object data) : Answer
    {
        public override Task WriteAsync(OpsRequest request)
        {
            var response = request.Http.Response;
            if (request.WantsJson)
                return WriteJsonAsync(response, data);
            response.StatusCode = StatusCodes.Status303SeeOther;
            // Without scheme and host: a proxy may have changed both.
            response.Headers.Location = link.Address;
            return Task.CompletedTask;
        }
    }

    sealed class DownloadAnswer(ReadOnlyMemory<byte> content) : Answer
    {
        public override Task WriteAsync(OpsRequest request)
        {
            var response = request.Http.Response;
            response.Headers.ContentSecurityPolicy = SecurityHeaders.DownloadPolicy;
            // The name is fixed: what a message calls itself ends in no header and in no folder.
            response.Headers[HeaderNames.ContentDisposition] = "attachment; filename=\"message-body.bin\"";
            return WriteAsync(response, "application/octet-stream", content);
        }
    }
}
