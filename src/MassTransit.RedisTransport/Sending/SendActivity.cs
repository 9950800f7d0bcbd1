using System.Diagnostics;
using MassTransit.Logging;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Sending;

/// <summary>What the transport adds to the span that MassTransit starts for a send. With nobody listening it is one field read.</summary>
internal static class SendActivity
{
    /// <summary>Call before the headers are stored.</summary>
    public static void OnSend(SendContext context, byte priority, TimeSpan delay)
    {
        if (!TransportActivities.Source.HasListeners() || Activity.Current is not { } activity)
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

    /// <summary>A span that MassTransit has started, and that somebody wants to have whole.</summary>
    public static bool IsMassTransit(Activity activity, ActivityKind kind) =>
        activity.IsAllDataRequested && activity.Kind == kind && activity.Source.Name == DiagnosticHeaders.DefaultListenerName;
}
