using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// Traces a replay. The operation has its own span in the trace of its caller. Each message continues in its own trace, by a span below its
/// move to the dead-letter queue with a link to the operation, so that one trace still shows the message's whole life. If all messages were
/// in the operation's trace, ten thousand of them would make it too large to open.
/// </summary>
internal sealed class ReplayActivity : IDisposable
{
    /// <summary>OpenTelemetry's default limit of links. Further ones would not be exported.</summary>
    const int MaxLinks = 128;

    readonly Activity _operation;
    long _replayed;
    int _links;

    ReplayActivity(Activity operation) => _operation = operation;

    public static ReplayActivity? Start(string queue)
    {
        if (!TransportActivities.Source.HasListeners())
            return null;

        var operation = TransportActivities.Source.StartActivity($"{queue} replay", ActivityKind.Client);
        operation?.SetTag(MessagingTags.System, MessagingTags.Redis);
        operation?.SetTag(MessagingTags.OperationName, "replay");
        operation?.SetTag(MessagingTags.Destination, queue);
        return operation is null ? null : new ReplayActivity(operation);
    }

    /// <summary>Starts the span of one message's replay.</summary>
    public Activity? StartMessage(RedisDeadLetter letter)
    {
        var known = ActivityContext.TryParse(letter.ActivityId, null, isRemote: true, out var context);
        // A message without a trace joins the trace of the operation.
        var message =
            TransportActivities.Source.StartActivity(ActivityKind.Producer, context, links: [new ActivityLink(_operation.Context)],
            name: $"{letter.OriginalQueue} replay");
        // The operation becomes current again, so that the spans of the messages are siblings.
        Activity.Current = _operation;
        if (message is not null)
        {
            TransportActivities.SetProducerTags(message, "replay", letter.OriginalQueue, letter.MessageId);
            message.SetTag(MessagingTags.Source, letter.Queue);
            message.SetTag(MessagingTags.Priority, (int)letter.Priority);
            message.SetTag(MessagingTags.ReplayCount, letter.ReplayCount + 1);
        }

        if (known && _links++ < MaxLinks)
            _operation.AddLink(new ActivityLink(message?.Context ?? context));
        return message;
    }

    public void Replayed(int count) => _operation.SetTag(MessagingTags.BatchMessageCount, _replayed += count);

    public void Failed(Exception exception)
    {
        _operation.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        _operation.AddException(exception);
    }

    public void Dispose() => _operation.Dispose();
}
