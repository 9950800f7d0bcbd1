using System.Globalization;
using MassTransit.Context;

namespace MassTransit.RedisTransport.Sending;

/// <summary>The properties of a send on Redis that MassTransit does not have: a priority, and how many messages its body holds.</summary>
internal interface IRedisSendContext
{
    byte? Priority { get; set; }

    int MessageCount { get; set; }
}

/// <summary>The context of a message that is sent to Redis.</summary>
internal sealed class RedisSendContext<T>(T message, CancellationToken cancellationToken)
    : MessageSendContext<T>(message, cancellationToken), IRedisSendContext, RoutingKeySendContext, PartitionKeySendContext
    where T : class
{
    public byte? Priority { get; set; }

    public int MessageCount { get; set; } = 1;

    public string? RoutingKey { get; set; }

    public string? PartitionKey { get; set; }

    public override void WritePropertiesTo(IDictionary<string, object> properties)
    {
        base.WritePropertiesTo(properties);
        // An outbox stores the properties as JSON, and can read a time span only from text.
        if (Delay is { } delay)
            properties["Delay"] = delay.ToString("c", CultureInfo.InvariantCulture);
        TransportProperties.Write(properties, Priority, RoutingKey, PartitionKey);
    }

    public override void ReadPropertiesFrom(IReadOnlyDictionary<string, object> properties)
    {
        base.ReadPropertiesFrom(properties);
        RoutingKey = ReadString(properties, TransportProperties.RoutingKey);
        PartitionKey = ReadString(properties, TransportProperties.PartitionKey);
        Priority = ReadInt(properties, TransportProperties.Priority) is { } priority and >= 0 and <= byte.MaxValue ? (byte)priority : null;
    }
}

/// <summary>The names of the properties that keep priority and keys through an outbox or a scheduler.</summary>
internal static class TransportProperties
{
    public const string Priority = "Redis-Priority";
    public const string RoutingKey = "Redis-RoutingKey";
    public const string PartitionKey = "Redis-PartitionKey";

    public static void Write(IDictionary<string, object> properties, byte? priority, string? routingKey, string? partitionKey)
    {
        if (priority is { } value)
            properties[Priority] = (int)value;
        if (!string.IsNullOrWhiteSpace(routingKey))
            properties[RoutingKey] = routingKey;
        if (!string.IsNullOrWhiteSpace(partitionKey))
            properties[PartitionKey] = partitionKey;
    }
}
