using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Sending;

/// <summary>The destination of a send transport: a queue, or the queues of a topic.</summary>
internal interface IMessageSink
{
    string Name { get; }

    /// <summary>Sends a message. The task completes when Redis has confirmed it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mandatory">True if at least one queue must take it.</param>
    /// <param name="answer">
    /// True if the address comes from a received message. It is then sent only to a queue that exists; none is created.
    /// </param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="RedisMessageNotRoutedException">The message is mandatory, and no queue has taken it.</exception>
    Task SendAsync(OutgoingMessage message, bool mandatory, bool answer, CancellationToken cancellationToken);
}
