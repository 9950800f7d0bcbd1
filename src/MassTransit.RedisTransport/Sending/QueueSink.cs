using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Sends to one queue. A temporary one (a response queue) that is gone is passed over: nobody waits any more.</summary>
internal sealed class QueueSink(BrokerQueue queue, bool temporary) : IMessageSink
{
    public string Name => queue.Name.Value;

    public Task SendAsync(OutgoingMessage message, bool mandatory, CancellationToken cancellationToken) => temporary && mandatory
        ? SendMandatoryAsync(message, cancellationToken)
        : queue.SendAsync(message, onlyIfExists: temporary, cancellationToken);

    async Task SendMandatoryAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (await queue.SendAsync(message, onlyIfExists: true, cancellationToken).ConfigureAwait(false) == SendOutcome.QueueGone)
            throw new RedisMessageNotRoutedException($"The temporary queue '{Name}' is gone, so nobody would get the message: its receiver has stopped.");
    }
}
