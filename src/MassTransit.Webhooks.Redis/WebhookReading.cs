using System.Text.Json;
using MassTransit.Serialization;

namespace MassTransit.Webhooks.Redis;

/// <summary>Reads a webhook from a message outside a consumer.</summary>
internal static class WebhookReading
{
    const string EnvelopeType = "application/vnd.masstransit+json";
    const string RawType = "application/json";

    /// <summary>The type of a bundle. It must be checked, because any JSON object, a bundle too, can be read as an empty webhook.</summary>
    static readonly string BundleType = MessageUrn.ForTypeString<WebhookBundle>();

    public static WebhookDeadLetter Read(RedisDeadLetter letter) => new()
    {
        Key = letter.Key,
        Queue = letter.Queue,
        OriginalQueue = letter.OriginalQueue,
        Webhook = letter.IsReadable ? ReadWebhook(letter) : null,
        MessageId = letter.MessageId,
        Priority = letter.Priority,
        Reason = letter.Reason,
        ExceptionType = letter.ExceptionType,
        FaultMessage = letter.FaultMessage,
        StackTrace = letter.StackTrace,
        Attempts = letter.LastFailedAt is null ? 0 : 1 + (letter.RetryCount ?? 0),
        Redeliveries = letter.RedeliveryCount ?? 0,
        Replays = letter.ReplayCount,
        FirstFailedAt = letter.FirstFailedAt,
        LastFailedAt = letter.LastFailedAt,
        DeadSince = letter.DeadSince,
        TraceId = letter.TraceId,
        Headers = letter.Headers,
        MessageBody = letter.Body,
    };

    /// <summary>
    /// Reads the webhook of a dead letter. Returns <c>null</c> if the body is not MassTransit's JSON (with or without envelope), or is a
    /// bundle.
    /// </summary>
    public static Webhook? ReadWebhook(RedisDeadLetter letter)
    {
        if (letter.MessageTypes.Contains(BundleType))
            return null;

        var body = letter.Body;
        var type = letter.ContentType?.Split(';', 2)[0].Trim();
        try
        {
            if (RawType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return JsonSerializer.Deserialize<Webhook>(body.Span, SystemTextJsonMessageSerializer.Options);
            if (!EnvelopeType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return null;

            using var envelope = JsonDocument.Parse(body);
            return envelope.RootElement.ValueKind == JsonValueKind.Object && envelope.RootElement.TryGetProperty("message", out var message)
                ? message.Deserialize<Webhook>(SystemTextJsonMessageSerializer.Options)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
