using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Where a send transport's messages go: a queue, or the queues of a topic.</summary>
internal interface IMessageSink
{
    string Name { get; }

    /// <summary>Completes when Redis has confirmed the message.</summary>
    /// <exception cref="RedisMessageNotRoutedException">The message is mandatory, and no queue took it.</exception>
    Task SendAsync(OutgoingMessage message, bool mandatory, CancellationToken cancellationToken);
}
