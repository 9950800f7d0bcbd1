using System.Diagnostics;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>
/// The source of the transport's own spans, and the attributes that all of them have. The code that sends, receives and replays messages
/// adds the other attributes.
/// </summary>
internal static class TransportActivities
{
    public const string SourceName = "MassTransit.RedisTransport";

    public static readonly ActivitySource Source = new(SourceName, typeof(TransportActivities).Assembly.GetName().Version?.ToString(3));

    public static void SetProducerTags(Activity activity, string operation, string destination, Guid messageId)
    {
        activity.SetTag(MessagingTags.System, MessagingTags.Redis);
        activity.SetTag(MessagingTags.OperationName, operation);
        activity.SetTag(MessagingTags.OperationType, "send");
        activity.SetTag(MessagingTags.Destination, destination);
        activity.SetTag(MessagingTags.MessageId, messageId.ToString("D"));
    }
}
