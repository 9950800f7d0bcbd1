namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>
/// The names of attributes. They follow OpenTelemetry's messaging conventions; attributes of this transport alone have the form
/// <c>messaging.{system}.…</c>.
/// </summary>
internal static class MessagingTags
{
    public const string Redis = "redis";

    public const string System = "messaging.system";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Destination = "messaging.destination.name";
    public const string MessageId = "messaging.message.id";
    public const string BatchMessageCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";

    public const string Priority = "messaging.redis.message.priority";
    public const string Delay = "messaging.redis.message.delay_ms";
    public const string DeliveryCount = "messaging.redis.message.delivery_count";
    public const string RedeliveryCount = "messaging.redis.message.redelivery_count";
    public const string Source = "messaging.redis.source.name";
    public const string DeadLetterReason = "messaging.redis.dead_letter.reason";
    public const string ReplayCount = "messaging.redis.message.replay_count";
}
