using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads a whole body without changing it, within the receiver's limit, the process's budget and the body timeout.</summary>
internal sealed class BodyReader(IOptions<WebhookIngressOptions> options)
{
    readonly TimeSpan _patience = options.Value.BodyTimeout;

    /// <returns>The reason if the body could not be read; <c>null</c> if it is complete.</returns>
    public async ValueTask<IngressReason?> ReadAsync(HttpContext context, ReceivedBody body, int limit)
    {
        // Switches off the server's limit, because it also counts the framing of chunks and may be lower than the receiver's own limit.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;

        CancellationTokenSource? patience = null;
        try
        {
            var reader = ReaderOf(context.Request);
            while (true)
            {
                // Most bodies arrive with their headers and need no timeout.
                if (!reader.TryRead(out var read))
                {
                    if (patience is null)
                    {
                        patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
                        patience.CancelAfter(_patience);
                    }

                    read = await reader.ReadAsync(patience.Token).ConfigureAwait(false);
                }

                var refusal = Take(read, body, limit, out var isWhole);
                reader.AdvanceTo(read.Buffer.End);
                if (refusal is not null || isWhole)
                    return refusal;
            }
        }
        catch (OperationCanceledException)
        {
            return patience is { IsCancellationRequested: true } && !context.RequestAborted.IsCancellationRequested
                ? IngressReason.BodyTimeout : IngressReason.RequestAborted;
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => IngressReason.BodyTooLarge,
                StatusCodes.Status408RequestTimeout => IngressReason.BodyTimeout,
                _ => IngressReason.BodyIncomplete
            };
        }
        catch (Exception exception) when (exception is ConnectionResetException or InvalidDataException
            || (exception is IOException && !context.Request.Body.CanSeek))
        {
            return IngressReason.BodyIncomplete;
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
        {
            // The body was closed by the middleware that has read it.
            return IngressReason.BodyConsumed;
        }
        finally
        {
            patience?.Dispose();
        }
    }

    /// <summary>Whether fewer bytes have arrived than were sent. A middleware in front of the ingress has read the rest then.</summary>
    public static bool IsConsumed(HttpContext context, int length)
    {
        if (context.Request.ContentLength is { } announced)
            return length < announced;
        return length == 0 && (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            || context.Features.Get<IFormFeature>()?.Form is not null);
    }

    static IngressReason? Take(in ReadResult read, ReceivedBody body, int limit, out bool isWhole)
    {
        isWhole = read.IsCompleted;
        if (body.Length + read.Buffer.Length > limit)
            return IngressReason.BodyTooLarge;
        if (read.IsCanceled)
            return IngressReason.RequestAborted;
        return (isWhole ? body.TryComplete(read.Buffer) : body.TryAppend(read.Buffer)) ? null : IngressReason.Overloaded;
    }

    /// <summary>
    /// Returns the reader of the body. If a middleware has buffered the body for a second reading, rewinds it first, because not every
    /// middleware does.
    /// </summary>
    static PipeReader ReaderOf(HttpRequest request)
    {
        if (!request.Body.CanSeek)
            return request.BodyReader;
        request.Body.Position = 0;
        return PipeReader.Create(request.Body, new StreamPipeReaderOptions(leaveOpen: true));
    }
}
