using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// A replay in traces. The operation is a span of its own, in the trace of whoever asked for it. Each message goes on in its
/// own trace, so that one trace still tells its whole life: by a span below the move that buried it, linked to the operation.
/// Ten thousand replayed messages would make one trace of the operation that nobody can open.
/// </summary>
internal sealed class ReplayActivity : IDisposable
{
    /// <summary>OpenTelemetry's default limit: what is beyond it would not be exported.</summary>
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

    /// <summary>Starts one message's way back.</summary>
    public Activity? StartMessage(RedisDeadLetter letter)
    {
        var known = ActivityContext.TryParse(letter.ActivityId, null, isRemote: true, out var context);
        // A message that was never traced has no trace to go on with: it joins that of the operation.
        var message = TransportActivities.Source.StartActivity(ActivityKind.Producer, context, links: [new ActivityLink(_operation.Context)],
            name: $"{letter.OriginalQueue} replay");
        // Each message is a sibling of the others.
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
