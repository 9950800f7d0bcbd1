using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.Shared;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Sends as to an exchange of RabbitMQ: to the queue of that name, which every receive endpoint has there, and to the subscribers of that
/// name, as for the exchange of a message type. If there are neither, the message is refused; RabbitMQ would drop it silently.
/// </summary>
internal sealed class ExchangeSink(EngineHost host, string name, bool temporary) : IMessageSink
{
    readonly TopicSink _topic = new(host, name);
    readonly QueueSink? _queue = QueueName.IsValid(name) ? new QueueSink(host, name, temporary) : null;
    /// <summary>
    /// True after the queue was found. It then belongs to the application, and is created again if the server has lost it.
    /// </summary>
    volatile bool _seen;

    public string Name => name;

    public async Task SendAsync(OutgoingMessage message, bool mandatory, bool answer, CancellationToken cancellationToken)
    {
        // Both steps share one deadline.
        var deadline = host.Current.NewDeadline();
        var destinations = await _topic.ResolveAsync(deadline, cancellationToken).ConfigureAwait(false);
        var subscribed = Array.Exists(destinations, x => x.Queue == name);
        var queue = _queue is null || subscribed
            ? Task.FromResult(false) : SendToQueueAsync(_queue, message, answer, deadline, cancellationToken);
        var others = _topic.DeliverAsync(destinations, message, deadline, cancellationToken);
        await Task.WhenAll(queue, others).ConfigureAwait(false);
        if (await queue.ConfigureAwait(false) || await others.ConfigureAwait(false))
            return;

        if (answer || temporary ? mandatory : true)
        {
            throw new RedisMessageNotRoutedException(
                $"There is no queue '{name}', and nothing is subscribed to it, so the message would go nowhere. Start the receive endpoint "
                + $"'{name}' once, or send to 'queue:{name}', which makes the queue; 'topic:{name}' may lead nowhere.");
        }

        LogMessages.AnswerDropped(host.Logger, name);
    }

    async Task<bool> SendToQueueAsync(QueueSink queue, OutgoingMessage message, bool answer, Deadline deadline,
        CancellationToken cancellationToken)
    {
        if (_seen && !answer && !temporary)
        {
            await queue.SendAlwaysAsync(message, deadline, cancellationToken).ConfigureAwait(false);
            return true;
        }

        var sent = await queue.TrySendAsync(message, deadline, cancellationToken).ConfigureAwait(false);
        _seen |= sent;
        return sent;
    }
}
