using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>Publishes through the bus, with the id that makes a repeat the same message.</summary>
internal sealed class WebhookQueue(IBus bus, IWebhookTransport transport) : IWebhookQueue
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

    Task PublishAsync(Webhook webhook, byte priority, CancellationToken cancellationToken) => bus.Publish(webhook, context =>
    {
        if (webhook.Id.Length > 0)
            context.MessageId = webhook.GetMessageId();
        WebhookActivities.OnPublish(context);
        if (priority > 0)
            transport.ApplyPriority(context, priority);
    }, cancellationToken);

    static byte Checked(int priority)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, byte.MaxValue);
        return (byte)priority;
    }
}
