namespace MassTransit.Webhooks;

/// <summary>Publishes through the bus, with the id that makes a repeat the same message.</summary>
internal sealed class WebhookQueue(IBus bus, IWebhookTransport transport, WebhookOptions options) : IWebhookQueue
{
    /// <summary>What is in flight at a time: enough to fill the broker's batches, little enough to bound the memory.</summary>
    const int Concurrent = 2_000;

    public Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return PublishAsync(webhook, Checked(priority), cancellationToken);
    }

    public async Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(webhooks);
        var value = Checked(priority);
        foreach (var chunk in webhooks.Chunk(Concurrent))
            await Task.WhenAll(chunk.Select(x => PublishAsync(x, value, cancellationToken))).ConfigureAwait(false);
    }

    public Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) => transport.GetMetricsAsync(cancellationToken);

    async Task PublishAsync(Webhook webhook, byte priority, CancellationToken cancellationToken)
    {
        try
        {
            await bus.Publish(webhook, context =>
            {
                context.Mandatory = options.RequireSubscriber;
                if (webhook.Id.Length > 0)
                    context.MessageId = webhook.GetMessageId();
                if (webhook.Tenant is { } tenant)
                    context.Headers.Set(WebhookHeaders.Tenant, tenant);
                if (priority > 0)
                    transport.ApplyPriority(context, priority);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (transport.IsNotRouted(exception))
        {
            throw new WebhookNotRoutedException(
                "Nobody is subscribed to webhooks, so this one would be lost; it was not accepted. Start the processors once: their queues then stay, "
                + "and take webhooks while they are stopped. Or set RequireSubscriber = false in AddWebhooks, where webhooks that nobody wants may be dropped.", exception);
        }
    }

    static byte Checked(int priority)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, byte.MaxValue);
        return (byte)priority;
    }
}
