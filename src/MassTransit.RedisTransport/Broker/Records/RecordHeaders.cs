namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>The names of the headers that the transport writes, and a search by name.</summary>
internal static class RecordHeaders
{
    public const string RoutingKey = "MT-Routing-Key";
    public const string PartitionKey = "MT-Partition-Key";

    /// <summary>When a message failed for the first time. Redeliveries keep it.</summary>
    public const string FirstFaultTimestamp = "MT-Fault-FirstTimestamp";

    /// <summary>How often a dead letter was delivered since it was sent, redelivered or replayed.</summary>
    public const string DeliveryCount = "MT-Fault-DeliveryCount";

    /// <summary>How often a message was replayed from a dead-letter queue.</summary>
    public const string ReplayCount = "MT-Replay-Count";

    /// <summary>The dead-letter queue that it was last replayed from.</summary>
    public const string ReplayedFrom = "MT-Replayed-From";

    /// <summary>The queue that a dead letter came from, if the name of its dead-letter queue does not show it.</summary>
    public const string DeadLetterSource = "MT-Dead-Letter-Source";

    /// <summary>The operation that it was last replayed by, so that its failing again is counted there.</summary>
    public const string ReplayOperation = "MT-Replay-Operation";

    /// <summary>Who has edited it before its replay, when, and the SHA-256 of the body that it had before the first edit.</summary>
    public const string EditedBy = "MT-Edited-By";

    public const string EditedAt = "MT-Edited-At";

    public const string EditOf = "MT-Edit-Of";

    /// <summary>What MassTransit says of a failure, by the names of its <c>MessageHeaders</c>, which the engine does not know.</summary>
    public const string FaultExceptionType = "MT-Fault-ExceptionType";

    public const string FaultMessage = "MT-Fault-Message";

    public const string FaultStackTrace = "MT-Fault-StackTrace";

    public const string Reason = "MT-Reason";

    /// <summary>Finds a header. Names are compared without regard to case.</summary>
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
