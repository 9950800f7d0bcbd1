using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Where a send transport's messages go: a queue, or the queues of a topic.</summary>
internal interface IMessageSink
{
    string Name { get; }

    /// <summary>Completes when Redis has confirmed the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mandatory">Somebody must get it.</param>
    /// <param name="answer">It goes where a received message said: to what is there. Nothing is made for it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisMessageNotRoutedException">The message is mandatory, and no queue took it.</exception>
    Task SendAsync(OutgoingMessage message, bool mandatory, bool answer, CancellationToken cancellationToken);
}
