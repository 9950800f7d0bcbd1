using System.Diagnostics;
using MassTransit.Logging;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Adds attributes to the span that MassTransit starts for a send. If nobody listens, it costs one read of a field.</summary>
internal static class SendActivity
{
    /// <summary>Adds the attributes. It must be called before the headers are stored.</summary>
    public static void OnSend(SendContext context, byte priority, TimeSpan delay)
    {
        if (!TransportActivities.Source.HasListeners() || Activity.Current is not { } activity)
            return;

        // MassTransit passes the trace to the receiver only by its send span. If the trace is not sampled, there is no such span, and the
        // receiver would begin a new trace and sample it anew. So the trace is added here.
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

    /// <summary>True for a span that MassTransit has started and that asks for all data.</summary>
    public static bool IsMassTransit(Activity activity, ActivityKind kind) =>
        activity.IsAllDataRequested && activity.Kind == kind && activity.Source.Name == DiagnosticHeaders.DefaultListenerName;
}
