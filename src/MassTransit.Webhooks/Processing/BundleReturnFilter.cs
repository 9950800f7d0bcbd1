using MassTransit.Middleware;

namespace MassTransit.Webhooks;

/// <summary>
/// Stands in front of the consumer of bundles, for one that goes back to its queue. To MassTransit that is no fault: retry, redelivery and whatever
/// filters there are see a delivery that ends, and the transport gives the message back in place of its acknowledgement. Only an outbox that
/// notes what was consumed must not note it: it is told that the delivery was cancelled.
/// </summary>
internal sealed class BundleReturnFilter(IBundleConsuming transport) : IFilter<ConsumeContext<WebhookBundle>>
{
    public async Task Send(ConsumeContext<WebhookBundle> context, IPipe<ConsumeContext<WebhookBundle>> next)
    {
        // A filter that tries again changes nothing.
        if (!transport.IsReturned(context))
            await next.Send(context).ConfigureAwait(false);
        if (transport.IsReturned(context) && context.TryGetPayload<OutboxConsumeContext>(out _))
            throw new BundleInterruptedException(context.ReceiveContext.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("bundleReturn");
}
