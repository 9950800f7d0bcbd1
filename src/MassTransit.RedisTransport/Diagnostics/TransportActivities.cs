using System.Diagnostics;
using MassTransit.Logging;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Receiving;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>
/// What the transport adds to a trace: facts of the message on the spans that MassTransit starts, and a span for the move to
/// a dead-letter queue. With nobody listening each call is one field read.
/// </summary>
internal static class TransportActivities
{
    public const string SourceName = "MassTransit.RedisTransport";

    public static readonly ActivitySource Source = new(SourceName, typeof(TransportActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>The span that MassTransit has started for a send: what it leaves out. Call before the headers are stored.</summary>
    public static void OnSend(SendContext context, byte priority, TimeSpan delay)
    {
        if (!Source.HasListeners() || Activity.Current is not { } activity)
            return;

        // MassTransit tells the receiver of the trace by its send span only. Where that was sampled out there is none, and
        // the receiver would begin a trace of its own, sampled anew.
        if (activity.Id is { } id && !context.Headers.TryGetHeader(DiagnosticHeaders.ActivityId, out _))
            context.Headers.Set(DiagnosticHeaders.ActivityId, id);
        if (!IsMassTransit(activity, ActivityKind.Producer))
            return;

        activity.SetTag(MessagingTags.OperationName, "send");
        activity.SetTag(MessagingTags.OperationType, "send");
        if (context.MessageId is { } messageId)
            activity.SetTag(MessagingTags.MessageId, messageId.ToString("D"));
        activity.SetTag(MessagingTags.Priority, (int)priority);
        if (delay > TimeSpan.Zero)
            activity.SetTag(MessagingTags.Delay, (long)delay.TotalMilliseconds);
    }

    /// <summary>The span that MassTransit has started for a delivery.</summary>
    public static void OnReceive(RedisReceiveContext context, int failedDeliveries)
    {
        if (!Source.HasListeners() || Activity.Current is not { } activity || !IsMassTransit(activity, ActivityKind.Consumer))
            return;

        activity.SetTag(MessagingTags.System, MessagingTags.Redis);
        activity.SetTag(MessagingTags.OperationName, "receive");
        activity.SetTag(MessagingTags.OperationType, "receive");
        activity.SetTag(MessagingTags.Priority, (int)context.Priority);
        activity.SetTag(MessagingTags.DeliveryCount, failedDeliveries + 1);
        if (RecordHeaders.Find(context.Record.Headers, MessageHeaders.RedeliveryCount) is { } redeliveries)
            activity.SetTag(MessagingTags.RedeliveryCount, redeliveries);
    }

    /// <summary>Starts the span of a move to a dead-letter queue, and lets the moved record continue the trace from there.</summary>
    /// <param name="source">The queue it leaves.</param>
    /// <param name="target">The dead-letter queue.</param>
    /// <param name="record">The record as it is moved: its headers say why.</param>
    public static Activity? StartMove(string source, string target, ref MessageRecord record)
    {
        if (!Source.HasListeners())
            return null;

        // A message that must not reach its consumer has no receive span: what sent it is the parent.
        var parent = Activity.Current is null ? ContextOf(record.Headers) : default;
        var activity = Source.StartActivity($"{target} move", ActivityKind.Producer, parent);
        if (activity is null)
            return null;

        record = With(record, activity);
        if (!activity.IsAllDataRequested)
            return activity;

        SetProducerTags(activity, "move", target, record.MessageId);
        activity.SetTag(MessagingTags.Source, source);
        var reason = RecordHeaders.Find(record.Headers, MessageHeaders.Reason);
        activity.SetTag(MessagingTags.DeadLetterReason, reason);
        activity.SetTag(MessagingTags.ErrorType, RecordHeaders.Find(record.Headers, MessageHeaders.FaultExceptionType) ?? reason);
        if (RecordHeaders.Find(record.Headers, RecordHeaders.DeliveryCount) is { } deliveries)
            activity.SetTag(MessagingTags.DeliveryCount, deliveries);
        RecordUnrecorded(activity, record);
        return activity;
    }

    /// <summary>A failure of the move itself. Whoever catches the exception records it, where a span of the delivery is there to do so.</summary>
    public static void Failed(this Activity? activity, Exception exception)
    {
        if (activity is null)
            return;

        activity.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        if (activity.Parent is null)
            activity.AddException(exception);
    }

    /// <summary>The place in a trace that a message was sent from.</summary>
    public static ActivityContext ContextOf(IReadOnlyList<KeyValuePair<string, object>> headers) =>
        RecordHeaders.Find(headers, DiagnosticHeaders.ActivityId) is string id && ActivityContext.TryParse(id, null, isRemote: true, out var context)
            ? context
            : default;

    public static void SetProducerTags(Activity activity, string operation, string destination, Guid messageId)
    {
        activity.SetTag(MessagingTags.System, MessagingTags.Redis);
        activity.SetTag(MessagingTags.OperationName, operation);
        activity.SetTag(MessagingTags.OperationType, "send");
        activity.SetTag(MessagingTags.Destination, destination);
        activity.SetTag(MessagingTags.MessageId, messageId.ToString("D"));
    }

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
    /// An exception of a consumer is on that consumer's span. One from before it, such as a body that could not be read, is on
    /// no span yet.
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

    static bool IsMassTransit(Activity activity, ActivityKind kind) =>
        activity.IsAllDataRequested && activity.Kind == kind && activity.Source.Name == DiagnosticHeaders.DefaultListenerName;
}
