using System.Runtime.ExceptionServices;
using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>
/// Adds a webhook to the batch that is being gathered and waits for its result. So MassTransit consumes, retries, redelivers and
/// dead-letters each webhook as one message, while the processor gets batches.
/// </summary>
internal sealed class WebhookConsumer<TBus, TProcessor>(BusProcessor<TBus, TProcessor> processor) : IConsumer<Webhook>
    where TBus : class, IBus
    where TProcessor : class, IWebhookProcessor
{
    public async Task Consume(ConsumeContext<Webhook> context)
    {
        WebhookActivities.OnConsume(context);
        if (!processor.Options.IsWanted(context.Message))
        {
            WebhookActivities.OnPassedOver();
            return;
        }

        // A webhook that has left its bundle has had its first attempt there.
        var result = context.GetRetryAttempt() == 0 && context.TryGetPayload<FirstAttempt>(out var first)
            ? first.Result
            : await processor.Batcher.ProcessAsync(context).ConfigureAwait(false);
        if (ReferenceEquals(result, BatchItem.NotBegun))
        {
            processor.Control.GiveBack(context);
            return;
        }

        if (result.Status is WebhookStatus.Retry or WebhookStatus.Failed)
        {
            // If the lease is lost, another receiver has the webhook. This one must not retry, redeliver or dead-letter it.
            context.CancellationToken.ThrowIfCancellationRequested();
            processor.Transport.RecordAttempts(context, context.GetRetryAttempt() + 1);
        }

        switch (result.Status)
        {
            case WebhookStatus.Retry when result.RetryAfter is { } after && processor.Transport.CanDelay:
                await RedeliverAsync(context, after, result.Reason).ConfigureAwait(false);
                break;
            case WebhookStatus.Retry:
                // Throws the processor's own exception, because retry filters and dead letters use its type.
                if (result.Exception is { } exception)
                    ExceptionDispatchInfo.Throw(exception);
                throw new WebhookRetryException(result.Reason ?? "The processor asked for another attempt.");
            case WebhookStatus.Failed:
                throw new WebhookFailedException(result.Reason ?? "The processor gave the webhook up.");
            default:
                if (context.ResponseAddress is not null)
                    await context.RespondAsync(Reply(result)).ConfigureAwait(false);
                break;
        }
    }

    static WebhookReply Reply(WebhookResult result) => new()
    {
        Status = result.Status,
        Reason = result.Reason,
        Body = result.Body.ToArray(),
        Headers = result.Headers,
        ProcessingTime = result.ProcessingTime ?? TimeSpan.Zero,
    };

    Task RedeliverAsync(ConsumeContext<Webhook> context, TimeSpan after, string? reason)
    {
        var count = context.GetRedeliveryCount();
        return count >= processor.Options.MaxRedeliveries
            ? throw new WebhookFailedException($"The processor asked for another attempt {count + 1} times, MaxRedeliveries is "
            + $"{processor.Options.MaxRedeliveries}. {reason}".TrimEnd())
            : context.Redeliver(after, (_, send) => send.Headers.Set(MessageHeaders.RedeliveryCount, count + 1));
    }
}
