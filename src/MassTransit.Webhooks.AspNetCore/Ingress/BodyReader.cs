using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads a body whole, byte for byte, within its receiver's limit, the process's budget and the time that a body may take.</summary>
internal sealed class BodyReader(IOptions<WebhookIngressOptions> options)
{
    readonly TimeSpan _patience = options.Value.BodyTimeout;

    /// <returns>Why there is no body; <c>null</c> where it has come.</returns>
    public async ValueTask<IngressReason?> ReadAsync(HttpContext context, ReceivedBody body, int limit)
    {
        // The server's own limit counts the framing of chunks too, and may be lower: ours is the one that was configured.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;

        CancellationTokenSource? patience = null;
        try
        {
            var reader = ReaderOf(context.Request);
            while (true)
            {
                // Most bodies have come with their headers, and need no clock.
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
            return patience is { IsCancellationRequested: true } && !context.RequestAborted.IsCancellationRequested ? IngressReason.BodyTimeout : IngressReason.RequestAborted;
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
        catch (Exception exception) when (exception is ConnectionResetException or InvalidDataException || (exception is IOException && !context.Request.Body.CanSeek))
        {
            return IngressReason.BodyIncomplete;
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
        {
            // Closed by whoever has read it.
            return IngressReason.BodyConsumed;
        }
        finally
        {
            patience?.Dispose();
        }
    }

    /// <summary>Whether less has come than was sent. Then somebody between the server and the ingress has it.</summary>
    public static bool IsConsumed(HttpContext context, int length)
    {
        if (context.Request.ContentLength is { } announced)
            return length < announced;
        return length == 0 && (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true || context.Features.Get<IFormFeature>()?.Form is not null);
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

    /// <summary>A middleware that lets the body be read again has not always gone back to its beginning.</summary>
    static PipeReader ReaderOf(HttpRequest request)
    {
        if (!request.Body.CanSeek)
            return request.BodyReader;
        request.Body.Position = 0;
        return PipeReader.Create(request.Body, new StreamPipeReaderOptions(leaveOpen: true));
    }
}
