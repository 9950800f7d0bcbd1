using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Sends to one queue. A temporary one (a response queue) that is gone is passed over: nobody waits any more.</summary>
internal sealed class QueueSink(BrokerQueue queue, bool temporary) : IMessageSink
{
    public string Name => queue.Name.Value;

    public Task SendAsync(OutgoingMessage message, CancellationToken cancellationToken) =>
        queue.SendAsync(message, onlyIfExists: temporary, cancellationToken);
}
