namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>Names of the headers that the transport writes, and how a header of a record is found.</summary>
internal static class RecordHeaders
{
    public const string RoutingKey = "MT-Routing-Key";
    public const string PartitionKey = "MT-Partition-Key";

    /// <summary>When a message failed first; kept when it is redelivered.</summary>
    public const string FirstFaultTimestamp = "MT-Fault-FirstTimestamp";

    /// <summary>How often a dead letter had been delivered since it was sent, redelivered or replayed.</summary>
    public const string DeliveryCount = "MT-Fault-DeliveryCount";

    /// <summary>How often a message was put back from a dead-letter queue.</summary>
    public const string ReplayCount = "MT-Replay-Count";

    /// <summary>The dead-letter queue it was put back from last.</summary>
    public const string ReplayedFrom = "MT-Replayed-From";

    /// <summary>The queue a dead letter came from, where the name of its dead-letter queue does not say.</summary>
    public const string DeadLetterSource = "MT-Dead-Letter-Source";

    /// <summary>Names are compared without regard to case.</summary>
    public static object? Find(IReadOnlyList<KeyValuePair<string, object>> headers, string name)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (string.Equals(headers[i].Key, name, StringComparison.OrdinalIgnoreCase))
                return headers[i].Value;
        }

        return null;
    }
}
