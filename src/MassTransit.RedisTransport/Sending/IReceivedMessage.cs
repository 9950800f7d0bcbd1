using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>The message that a consumer has in hand, as what it sends needs to know it: a payload of its receive context.</summary>
internal interface IReceivedMessage
{
    /// <summary>The queue it was received from.</summary>
    string QueueName { get; }

    byte Priority { get; }

    /// <summary>Its headers, as they lie in its record.</summary>
    IReadOnlyList<KeyValuePair<string, object>> StoredHeaders { get; }

    /// <summary>Gives the message back for later with a new record, in one step.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    Task PutOffAsync(MessageRecord record, TimeSpan delay);
}
