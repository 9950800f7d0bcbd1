namespace MassTransit.Webhooks.Diagnostics;

/// <summary>The names of attributes: <c>webhook.…</c> for those of webhooks, OpenTelemetry's conventions for the others.</summary>
internal static class WebhookTags
{
    public const string Receiver = "webhook.receiver";
    public const string EventType = "webhook.event_type";
    public const string Id = "webhook.id";
    public const string Tenant = "webhook.tenant";
    public const string Priority = "webhook.priority";
    public const string Outcome = "webhook.outcome";
    public const string Attempt = "webhook.attempt";
    public const string Redelivery = "webhook.redelivery";
    public const string Result = "webhook.result";
    public const string Reason = "webhook.reason";
    public const string RetryAfter = "webhook.retry_after_ms";
    public const string Processor = "webhook.processor";

    /// <summary>The prefix of attributes that count the webhooks of a batch with a result. The name of the result follows it.</summary>
    public const string BatchPrefix = "webhook.batch.";

    public const string System = "messaging.system";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Destination = "messaging.destination.name";
    public const string MessageId = "messaging.message.id";
    public const string BatchMessageCount = "messaging.batch.message_count";
}
