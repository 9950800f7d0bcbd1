using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads a body whole, byte for byte, up to a limit that also holds where the sender does not say how long it is.</summary>
internal static class BodyReader
{
    const int FirstBuffer = 16 * 1024;

    /// <returns>The body, or why there is none.</returns>
    /// <exception cref="OperationCanceledException">The sender has gone.</exception>
    public static async Task<(byte[] Body, IngressReason? Refusal)> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
            return ([], IngressReason.BodyTooLarge);

        // The server's own limit counts the framing of chunks too, and may be lower: ours is the one that was configured.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;

        // Grows with what has come, not with what was announced.
        var announced = (int)(context.Request.ContentLength ?? FirstBuffer);
        var buffer = new ArrayBufferWriter<byte>(Math.Clamp(announced, 1, FirstBuffer));
        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
                var tooLarge = buffer.WrittenCount + read.Buffer.Length > limit;
                if (!tooLarge)
                {
                    foreach (var segment in read.Buffer)
                        buffer.Write(segment.Span);
                }

                reader.AdvanceTo(read.Buffer.End);
                if (tooLarge)
                    return ([], IngressReason.BodyTooLarge);
                if (read.IsCompleted)
                    return (buffer.WrittenSpan.ToArray(), null);
            }
        }
        catch (BadHttpRequestException exception)
        {
            return ([], exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? IngressReason.BodyTooLarge : IngressReason.BodyIncomplete);
        }
        catch (IOException)
        {
            return ([], IngressReason.BodyIncomplete);
        }
    }
}
