using MassTransit.Middleware;

namespace MassTransit.Webhooks;

/// <summary>
/// Handles a message that goes back to its queue, in front of its consumer: a bundle that could not be split, or what no worker has begun
/// when the queue is paused. MassTransit must not see a fault: retry, redelivery and other filters see a delivery that ends, and the
/// transport returns the message instead of acknowledging it. Only an outbox gets an exception for a cancelled delivery, because it must
/// not record the message as consumed.
/// </summary>
/// <param name="isReturned">True if the message goes back when its delivery ends.</param>
internal sealed class ReturnFilter<T>(Func<ConsumeContext, bool> isReturned) : IFilter<ConsumeContext<T>>
    where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        // A retry by another filter changes nothing.
        if (!isReturned(context))
            await next.Send(context).ConfigureAwait(false);
        if (isReturned(context) && context.TryGetPayload<OutboxConsumeContext>(out _))
            throw new DeliveryReturnedException(context.ReceiveContext.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("return");
}
