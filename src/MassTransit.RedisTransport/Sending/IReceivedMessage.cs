using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// The message that is being consumed, as far as messages sent from its consumer need it. It is a payload of the receive context.
/// </summary>
internal interface IReceivedMessage
{
    /// <summary>The queue that it was received from.</summary>
    string QueueName { get; }

    byte Priority { get; }

    /// <summary>The headers of its record.</summary>
    IReadOnlyList<KeyValuePair<string, object>> StoredHeaders { get; }

    /// <summary>Replaces the message by a delayed one with a new record, in one step.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    Task PutOffAsync(MessageRecord record, TimeSpan delay);
}
