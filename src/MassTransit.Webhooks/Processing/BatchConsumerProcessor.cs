using MassTransit.Batching;
using MassTransit.Context;

namespace MassTransit.Webhooks;

/// <summary>
/// Calls a batch consumer of plain MassTransit as a processor. If it throws, the webhooks are processed one by one, so that only those for
/// which it throws are retried and dead-lettered.
/// </summary>
internal sealed class BatchConsumerProcessor<TConsumer>(TConsumer consumer, TimeProvider? time = null) : IWebhookProcessor
    where TConsumer : class, IConsumer<Batch<Webhook>>
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken).ConfigureAwait(false))[0];

    public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken)
    {
        var messages = new ConsumeContext<Webhook>[batch.Count];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = (batch[i].Received ?? throw new InvalidOperationException("The webhook was not received.")).Consume;

        var now = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime;
        await consumer.Consume(new Context(messages[0], new MessageBatch<Webhook>(now, now, BatchCompletionMode.Time, messages), cancellationToken)).ConfigureAwait(false);
        var results = new WebhookResult[batch.Count];
        Array.Fill(results, WebhookResult.Success());
        return results;
    }

    /// <summary>The context of a batch. It is cancelled when all messages of the batch are lost, not with the first one.</summary>
    sealed class Context(ConsumeContext first, Batch<Webhook> batch, CancellationToken cancellationToken) : BatchConsumeContext<Webhook>(first, batch)
    {
        public override CancellationToken CancellationToken => cancellationToken;
    }
}
