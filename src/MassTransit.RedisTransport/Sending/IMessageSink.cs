using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Where a send transport's messages go: a queue, or the queues of a topic.</summary>
internal interface IMessageSink
{
    string Name { get; }

    /// <summary>Completes when Redis has confirmed the message.</summary>
    Task SendAsync(OutgoingMessage message, CancellationToken cancellationToken);
}
