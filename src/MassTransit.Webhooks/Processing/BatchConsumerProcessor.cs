using MassTransit.Batching;
using MassTransit.Context;
using MassTransit.Middleware.InMemoryOutbox;

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

    public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
        CancellationToken cancellationToken)
    {
        var messages = new ConsumeContext<Webhook>[batch.Count];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = (batch[i].Received ?? throw new InvalidOperationException("The webhook was not received.")).Consume;

        var now = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime;
        var list = new MessageBatch<Webhook>(now, now, BatchCompletionMode.Time, messages);
        if (messages[0].TryGetPayload<InMemoryOutboxConsumeContext>(out var outbox)
            && outbox.CapturedContext is ConsumeContext<Webhook> first)
            await ConsumeAsync(new Context(first, list, cancellationToken)).ConfigureAwait(false);
        else
            await consumer.Consume(new Context(messages[0], list, cancellationToken)).ConfigureAwait(false);
        var results = new WebhookResult[batch.Count];
        Array.Fill(results, WebhookResult.Success());
        return results;
    }

    /// <summary>
    /// Sends what the consumer has sent, once its attempt has succeeded; a failed attempt sends nothing. The outboxes of the messages
    /// cannot do this, because they end with their messages, after an attempt of the whole batch and one of each message. The sends go out
    /// before any message of the batch is acknowledged: otherwise a crash in between would lose them.
    /// </summary>
    async Task ConsumeAsync(Context batch)
    {
        var attempt = new InMemoryOutboxConsumeContext<Webhook>.Batch(batch);
        try
        {
            await consumer.Consume(attempt).ConfigureAwait(false);
            await attempt.ExecutePendingActions(concurrentMessageDelivery: false).ConfigureAwait(false);
        }
        catch
        {
            await attempt.DiscardPendingActions().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The context of a batch. It is cancelled when all messages of the batch are lost, not with the first one.</summary>
    sealed class Context(ConsumeContext first, Batch<Webhook> batch, CancellationToken cancellationToken)
        : BatchConsumeContext<Webhook>(first, batch)
    {
        public override CancellationToken CancellationToken => cancellationToken;
    }
}
