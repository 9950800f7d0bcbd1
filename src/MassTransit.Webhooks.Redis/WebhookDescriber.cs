namespace MassTransit.Webhooks.Redis;

/// <summary>Describes messages that are webhooks.</summary>
internal sealed class WebhookDescriber : IRedisMessageDescriber
{
    public IReadOnlyList<RedisMessageFacet> Facets { get; } =
    [
        new("receiver", "Receiver"), new("eventType", "Event type"), new("tenant", "Tenant"),
    ];

    public RedisMessageDescription? Describe(RedisDeadLetter letter) => WebhookReading.ReadWebhook(letter) is { } webhook
        ? new RedisMessageDescription
        {
            Values = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["receiver"] = webhook.Receiver,
                ["eventType"] = webhook.EventType,
                ["tenant"] = webhook.Tenant,
            },
            Body = webhook.Body,
            ContentType = webhook.ContentType,
            Headers = webhook.Headers,
        }
        : null;

    public RedisEdit WithBody(RedisDeadLetter letter, ReadOnlyMemory<byte> body) =>
        new() { Message = WebhookReading.WithBody(letter, body.Span) };
}
