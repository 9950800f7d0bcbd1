using System.Globalization;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Headers as a record holds them. What has no plain value (objects, lists) travels in the message's envelope, not here.</summary>
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

    public static IReadOnlyList<KeyValuePair<string, object>> Create(SendHeaders headers, string? routingKey, string? partitionKey)
    {
        List<KeyValuePair<string, object>>? list = null;
        foreach (var header in headers.GetAll())
        {
            if (Plain(header.Value) is { } value)
                (list ??= []).Add(new(header.Key, value));
        }

        if (!string.IsNullOrWhiteSpace(routingKey))
            (list ??= []).Add(new(RoutingKey, routingKey));
        if (!string.IsNullOrWhiteSpace(partitionKey))
            (list ??= []).Add(new(PartitionKey, partitionKey));
        return list is null ? [] : list;
    }

    /// <summary>The headers of a received message, with others put in their places.</summary>
    public static IReadOnlyList<KeyValuePair<string, object>> Merge(IReadOnlyList<KeyValuePair<string, object>> headers, SendHeaders added)
    {
        var merged = new Dictionary<string, object>(headers.Count + 16, StringComparer.OrdinalIgnoreCase);
        foreach (var header in headers)
            merged[header.Key] = header.Value;
        foreach (var header in added.GetAll())
        {
            if (Plain(header.Value) is { } value)
                merged[header.Key] = value;
        }

        return [.. merged];
    }

    public static object? Find(IReadOnlyList<KeyValuePair<string, object>> headers, string name)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (string.Equals(headers[i].Key, name, StringComparison.OrdinalIgnoreCase))
                return headers[i].Value;
        }

        return null;
    }

    static object? Plain(object? value) => value switch
    {
        null => null,
        string or bool or Guid => value,
        Uri uri => uri.ToString(),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable => value,
        _ => null,
    };
}
