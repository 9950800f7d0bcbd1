using System.Security.Cryptography;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Redis;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>A dead letter, with the webhook in it if it is one. The names in JSON are public.</summary>
sealed class DeadRow(RedisDeadLetter letter, bool unmask = false)
{
    public static readonly Shape<DeadRow> Shape = new(
        new("key", "KEY", x => x.Letter.Key),
        new("queue", null, x => x.Letter.Queue),
        new("originalQueue", null, x => x.Letter.OriginalQueue),
        new("deadSince", "DEAD SINCE", x => x.Letter.DeadSince),
        new("reason", "REASON", x => x.Letter.Reason),
        new("exceptionType", "EXCEPTION", x => x.Letter.ExceptionType, x => Short(x.Letter.ExceptionType)),
        new("faultMessage", "MESSAGE", x => x.Letter.FaultMessage),
        new("receiver", "RECEIVER", x => x.Webhook?.Receiver),
        new("eventType", "EVENT", x => x.Webhook?.EventType),
        new("tenant", "TENANT", x => x.Webhook?.Tenant),
        new("webhookId", null, x => x.Webhook?.Id),
        new("messageId", null, x => x.Letter.MessageId),
        new("messageTypes", null, x => x.Letter.MessageTypes),
        new("priority", null, x => x.Letter.Priority),
        new("contentType", null, x => x.Letter.ContentType),
        new("retryCount", null, x => x.Letter.RetryCount),
        new("redeliveryCount", null, x => x.Letter.RedeliveryCount),
        new("deliveryCount", null, x => x.Letter.DeliveryCount),
        new("replayCount", null, x => x.Letter.ReplayCount),
        new("replayedFrom", null, x => x.Letter.ReplayedFrom),
        new("firstFailedAt", null, x => x.Letter.FirstFailedAt),
        new("lastFailedAt", null, x => x.Letter.LastFailedAt),
        new("traceId", null, x => x.Letter.TraceId),
        new("bytes", null, x => x.Letter.Body.Length),
        new("isReadable", null, x => x.Letter.IsReadable));

    /// <summary>One of them, with all there is.</summary>
    public static readonly Shape<DeadRow> Whole = new(
    [
        .. Shape.Fields.Select(x => x with { Heading = Title(x.Name), Text = null }),
        new("headers", "Headers", x => x.Headers()) { IsBlock = true },
        new("stackTrace", "Stack trace", x => x.Letter.StackTrace) { IsBlock = true },
        new("body", "Body", x => x.Body()) { IsBlock = true },
        new("bodyBase64", null, x => Convert.ToBase64String(x.Bytes.Span)),
    ]);

    /// <summary>One of them, with all that it takes to put it back.</summary>
    public static readonly Shape<DeadRow> Exported = new(
    [
        .. Whole.Fields,
        new("recordBase64", null, x => x.Record is { } record ? Convert.ToBase64String(record.Span) : null),
        new("recordSha256", null, x => x.Record is { } record ? Convert.ToHexStringLower(SHA256.HashData(record.Span)) : null),
    ]);

    public RedisDeadLetter Letter => letter;

    /// <summary>The whole record; <c>null</c> if there is none, or if it holds what is masked.</summary>
    public ReadOnlyMemory<byte>? Record => letter.Record.IsEmpty || IsMasked
        ? (ReadOnlyMemory<byte>?)null : letter.Record;

    /// <summary>True if a header looks like a secret, and nobody has asked to see it.</summary>
    public bool IsMasked => !unmask && letter.Headers.Keys.Concat(Webhook?.Headers.Keys ?? []).Any(Masking.IsSecret);

    public Webhook? Webhook { get; } = letter.IsReadable ? WebhookReading.ReadWebhook(letter) : null;

    /// <summary>The webhook's own body, as its sender has signed it; of any other message the message.</summary>
    public ReadOnlyMemory<byte> Bytes => Webhook is { } webhook ? webhook.Body : letter.Body;

    /// <summary>The content type of <see cref="Bytes"/>.</summary>
    public string? BytesType => Webhook is { } webhook ? webhook.ContentType : letter.ContentType;

    /// <summary>One line about it, for questions.</summary>
    public string Sample => $"{letter.Key}  {Webhook?.Receiver} {Webhook?.EventType} {Short(letter.ExceptionType)} {letter.FaultMessage}";

    public static string Short(string? type) => type is null ? "" : type[(type.LastIndexOf('.') + 1)..];

    Dictionary<string, string> Headers()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in letter.Headers)
            headers[name] = Masking.Of(name, $"{value}", unmask);
        foreach (var (name, value) in Webhook?.Headers ?? new Dictionary<string, string>())
            headers[$"webhook {name}"] = Masking.Of(name, value, unmask);
        // Shown by itself, with its line breaks.
        headers.Remove("MT-Fault-StackTrace");
        return headers;
    }

    string Body() => Payload.Show(Bytes.Span, BytesType);

    static string Title(string name)
    {
        var title = new System.Text.StringBuilder();
        foreach (var character in name)
        {
            if (char.IsAsciiLetterUpper(character))
                title.Append(' ');
            title.Append(char.ToLowerInvariant(character));
        }

        title[0] = char.ToUpperInvariant(title[0]);
        return title.ToString();
    }
}
