using System.Diagnostics;
using MassTransit.Logging;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Adds to the trace of a received message: attributes on the span that MassTransit starts, and a span for the move to a dead-letter queue.
/// If nobody listens, each call costs one read of a field.
/// </summary>
internal static class ReceiveActivity
{
    /// <summary>Adds the attributes to the span that MassTransit has started for a delivery.</summary>
    public static void OnReceive(RedisReceiveContext context, int failedDeliveries)
    {
        if (!TransportActivities.Source.HasListeners() || Activity.Current is not { } activity
            || !SendActivity.IsMassTransit(activity, ActivityKind.Consumer))
            return;

        activity.SetTag(MessagingTags.System, MessagingTags.Redis);
        activity.SetTag(MessagingTags.OperationName, "receive");
        activity.SetTag(MessagingTags.OperationType, "receive");
        activity.SetTag(MessagingTags.Priority, (int)context.Priority);
        activity.SetTag(MessagingTags.DeliveryCount, failedDeliveries + 1);
        if (RecordHeaders.Find(context.Record.Headers, MessageHeaders.RedeliveryCount) is { } redeliveries)
            activity.SetTag(MessagingTags.RedeliveryCount, redeliveries);
    }

    /// <summary>Starts the span of a move to a dead-letter queue. The moved record continues the trace from this span.</summary>
    /// <param name="source">The queue that it leaves.</param>
    /// <param name="target">The dead-letter queue.</param>
    /// <param name="record">The moved record, whose headers tell the reason.</param>
    public static Activity? StartMove(string source, string target, ref MessageRecord record)
    {
        if (!TransportActivities.Source.HasListeners())
            return null;

        // A message that must not reach its consumer has no receive span, so the span that sent it is the parent.
        var parent = Activity.Current is null ? ContextOf(record.Headers) : default;
        var activity = TransportActivities.Source.StartActivity($"{target} move", ActivityKind.Producer, parent);
        if (activity is null)
            return null;

        record = With(record, activity);
        if (!activity.IsAllDataRequested)
            return activity;

        TransportActivities.SetProducerTags(activity, "move", target, record.MessageId);
        activity.SetTag(MessagingTags.Source, source);
        var reason = RecordHeaders.Find(record.Headers, MessageHeaders.Reason);
        activity.SetTag(MessagingTags.DeadLetterReason, reason);
        activity.SetTag(MessagingTags.ErrorType, RecordHeaders.Find(record.Headers, MessageHeaders.FaultExceptionType) ?? reason);
        if (RecordHeaders.Find(record.Headers, RecordHeaders.DeliveryCount) is { } deliveries)
            activity.SetTag(MessagingTags.DeliveryCount, deliveries);
        RecordUnrecorded(activity, record);
        return activity;
    }

    /// <summary>
    /// Marks the failure of the move itself. The code that catches the exception records it on the span of the delivery, if there is one.
    /// </summary>
    public static void Failed(this Activity? activity, Exception exception)
    {
        if (activity is null)
            return;

        activity.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        if (activity.Parent is null)
            activity.AddException(exception);
    }

    /// <summary>Returns the trace context that a message was sent from.</summary>
    public static ActivityContext ContextOf(IReadOnlyList<KeyValuePair<string, object>> headers) =>
        RecordHeaders.Find(headers, DiagnosticHeaders.ActivityId) is string id
            && ActivityContext.TryParse(id, null, isRemote: true, out var context)
            ? context
            : default;

    static MessageRecord With(MessageRecord record, Activity activity) => new()
    {
        MessageId = record.MessageId,
        ContentType = record.ContentType,
        TimeToLive = record.TimeToLive,
        Headers =
        [
            .. record.Headers.Where(x => !x.Key.Equals(DiagnosticHeaders.ActivityId, StringComparison.OrdinalIgnoreCase)),
            new(DiagnosticHeaders.ActivityId, activity.Id!),
        ],
        Body = record.Body,
    };

    /// <summary>
    /// Records an exception from before the consumer, such as an unreadable body. An exception of a consumer is already on the consumer's
    /// span.
    /// </summary>
    static void RecordUnrecorded(Activity activity, MessageRecord record)
    {
        if (RecordHeaders.Find(record.Headers, MessageHeaders.FaultConsumerType) is not null
            || RecordHeaders.Find(record.Headers, MessageHeaders.FaultMessage) is not { } message)
            return;

        activity.SetStatus(ActivityStatusCode.Error, message.ToString());
        activity.AddEvent(new ActivityEvent(DiagnosticHeaders.Exceptions.EventName, tags: new ActivityTagsCollection
        {
            [DiagnosticHeaders.Exceptions.Type] = activity.GetTagItem(MessagingTags.ErrorType),
            [DiagnosticHeaders.Exceptions.Message] = message,
            [DiagnosticHeaders.Exceptions.Stacktrace] = RecordHeaders.Find(record.Headers, MessageHeaders.FaultStackTrace),
        }));
    }
}
