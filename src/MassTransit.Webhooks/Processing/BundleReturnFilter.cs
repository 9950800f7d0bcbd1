using MassTransit.Middleware;

namespace MassTransit.Webhooks;

/// <summary>
/// Handles a bundle that goes back to its queue, in front of the consumer of bundles. MassTransit must not see a fault: retry, redelivery
/// and other filters see a delivery that ends, and the transport returns the message instead of acknowledging it. Only an outbox gets an
/// exception for a cancelled delivery, because it must not record the bundle as consumed.
/// </summary>
internal sealed class BundleReturnFilter(IBundleConsuming transport) : IFilter<ConsumeContext<WebhookBundle>>
{
    public async Task Send(ConsumeContext<WebhookBundle> context, IPipe<ConsumeContext<WebhookBundle>> next)
    {
        // A retry by another filter changes nothing.
        if (!transport.IsReturned(context))
            await next.Send(context).ConfigureAwait(false);
        if (transport.IsReturned(context) && context.TryGetPayload<OutboxConsumeContext>(out _))
            throw new BundleInterruptedException(context.ReceiveContext.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("bundleReturn");
}
