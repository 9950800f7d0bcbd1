using System.Text;
using System.Text.Json;
using MassTransit.Serialization;

namespace MassTransit.Webhooks.Redis;

/// <summary>Reads a webhook from a message outside a consumer.</summary>
internal static class WebhookReading
{
    const string EnvelopeType = "application/vnd.masstransit+json";
    const string RawType = "application/json";

    const string BodyName = "body";

    static readonly string WebhookType = MessageUrn.ForTypeString<Webhook>();

    /// <summary>As a consumer reads it.</summary>
    static readonly JsonDocumentOptions DocumentOptions = new()
    {
        AllowTrailingCommas = SystemTextJsonMessageSerializer.Options.AllowTrailingCommas,
        CommentHandling = SystemTextJsonMessageSerializer.Options.ReadCommentHandling,
        MaxDepth = SystemTextJsonMessageSerializer.Options.MaxDepth,
    };

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
    /// Reads the webhook of a dead letter. Returns <c>null</c> if the message is of other types, a bundle too, or its body is not
    /// MassTransit's JSON, with or without envelope.
    /// </summary>
    public static Webhook? ReadWebhook(RedisDeadLetter letter)
    {
        // Any JSON object can be read as an empty webhook, so the types decide, and for a message without types what every receiver sets.
        if (letter.MessageTypes.Count > 0 && !letter.MessageTypes.Contains(WebhookType))
            return null;
        try
        {
            var webhook = ReadMessage(letter)?.Deserialize<Webhook>(SystemTextJsonMessageSerializer.Options);
            return letter.MessageTypes.Count > 0 || webhook?.Receiver is { Length: > 0 } ? webhook : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Returns the message of a webhook's dead letter as JSON, with another body and everything else as it was.</summary>
    /// <exception cref="ArgumentException">The message is no webhook in MassTransit's JSON.</exception>
    public static string WithBody(RedisDeadLetter letter, ReadOnlySpan<byte> body)
    {
        if (ReadWebhook(letter) is null || ReadMessage(letter) is not { ValueKind: JsonValueKind.Object } message)
            throw new ArgumentException("The message is no webhook.", nameof(letter));
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            // Names are read without regard to case, and the last one counts.
            foreach (var property in message.EnumerateObject().Where(x => !x.Name.Equals(BodyName, StringComparison.OrdinalIgnoreCase)))
                property.WriteTo(writer);
            writer.WriteBase64String(BodyName, body);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <exception cref="JsonException">The body is no JSON.</exception>
    static JsonElement? ReadMessage(RedisDeadLetter letter)
    {
        var type = letter.ContentType?.Split(';', 2)[0].Trim();
        var isRaw = RawType.Equals(type, StringComparison.OrdinalIgnoreCase);
        if (!isRaw && !EnvelopeType.Equals(type, StringComparison.OrdinalIgnoreCase))
            return null;
        var root = JsonElement.Parse(letter.Body.Span, DocumentOptions);
        if (isRaw)
            return root;
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("message", out var message) ? message : null;
    }
}
