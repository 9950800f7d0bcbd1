using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Publishes a verified webhook unless it is a repeat: claims it, publishes it, confirms the claim. It reports success only after the
/// broker has confirmed the message.
/// </summary>
internal sealed class OncePublisher(DeduplicationGuard deduplication, IServiceProvider services, IngressMetrics metrics,
    ILogger<WebhookIngress> logger)
{
    /// <summary>How much longer a claim lasts than its request, so that no other request gets it while this one still cleans up.</summary>
    static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(5);

    readonly Notice _replays = new();
    readonly Notice _reusedIds = new();

    public async Task<IngressResponse> PublishAsync(ReceivedWebhook received, WebhookReceiverOptions settings, int priority)
    {
        var (webhook, messageId, keys) = (received.Webhook, received.MessageId, received.Keys);
        var accepted = new IngressResponse(IngressReason.Accepted, Answer: received.Success);
        if (keys.IsEmpty)
        {
            var published = await EnqueueAsync(webhook, messageId, settings, priority).ConfigureAwait(false);
            return published == IngressReason.Accepted ? accepted : RetryLater(published, settings);
        }

        // The keys that decide come first: the webhook itself, then its signed bytes. The id alone decides nothing; it only shows that an
        // id is used again.
        Guid[] all = [.. new[] { keys.Message, keys.Signed, keys.Id }.OfType<Guid>()];
        var decisive = all.Length - (keys.Id is null ? 0 : 1);
        var owner = Guid.NewGuid().ToString("N");
        var budget = deduplication.Begin();
        var found = await deduplication.ClaimAsync(all, decisive, owner, settings.EnqueueTimeout + ClaimMargin, budget)
            .ConfigureAwait(false);
        if (found is not null)
        {
            var verdict = Judge(keys, found);
            if (verdict == IngressReason.Replayed && _replays.IsDue(webhook.Receiver))
                LogMessages.Replayed(logger, webhook.Receiver);
            if (verdict != IngressReason.Accepted)
            {
                deduplication.End(budget);
                return verdict == IngressReason.DuplicatePending ? RetryLater(verdict, settings)
                    : new IngressResponse(verdict, Answer: AnswerToRepeat(received.Success));
            }

            if (keys.Id is not null && found[^1] != WebhookClaim.Claimed)
            {
                metrics.IdReused(webhook.Receiver);
                if (_reusedIds.IsDue(webhook.Receiver))
                    LogMessages.IdReused(logger, webhook.Receiver, messageId);
            }
        }

        var outcome = await EnqueueAsync(webhook, messageId, settings, priority).ConfigureAwait(false);
        var isAccepted = outcome == IngressReason.Accepted;
        // Releases the claim if the publish has failed or the webhook is not to be remembered.
        var settling = isAccepted && keys.KeepsSigned
            ? deduplication.ConfirmAsync(all, settings.DuplicateWindow, budget)
            : deduplication.ReleaseAsync(all, owner, budget);
        // If the store did not answer to the claim, the request does not wait for it a second time.
        if (found is not null)
        {
            await settling.ConfigureAwait(false);
            deduplication.End(budget);
        }

        if (!isAccepted)
            return RetryLater(outcome, settings);

        LogMessages.Accepted(logger, webhook.Receiver, messageId);
        return accepted;
    }

    /// <summary>A sender that reads the answer reads that to a repeat too. Others get 200, which tells both apart in their logs.</summary>
    static WebhookAnswer? AnswerToRepeat(WebhookAnswer success) => success.ContentType is null ? null : success;

    static IngressReason Judge(RepeatKeys keys, WebhookClaim[] found)
    {
        var next = 0;
        if (keys.Message is not null)
        {
            switch (found[next++])
            {
                case WebhookClaim.Accepted:
                    return IngressReason.Duplicate;
                case WebhookClaim.Pending:
                    return IngressReason.DuplicatePending;
            }
        }

        if (keys.Signed is null)
            return IngressReason.Accepted;
        return found[next] switch
        {
            WebhookClaim.Accepted => IngressReason.Replayed,
            // The same bytes are being published under another id, so the result of that request decides. If both have no id, neither is a
            // repeat of the other.
            WebhookClaim.Pending when keys.KeepsSigned => IngressReason.DuplicatePending,
            _ => IngressReason.Accepted
        };
    }

    /// <summary>
    /// Publishes the webhook. It goes on if the sender disconnects: a complete webhook is published, and the sender's next attempt is then
    /// a repeat.
    /// </summary>
    async Task<IngressReason> EnqueueAsync(Webhook webhook, Guid messageId, WebhookReceiverOptions settings, int priority)
    {
        using var cancellation = new CancellationTokenSource(settings.EnqueueTimeout);
        try
        {
            var queue = services.GetRequiredService<IWebhookQueue>();
            // Runs on the thread pool, because a transport may begin with blocking work that ignores the token.
            var publishing = Task.Run(() => queue.EnqueueAsync(webhook, priority, cancellation.Token), CancellationToken.None);
            publishing.ObserveFailure();
            await publishing.WaitAsync(settings.EnqueueTimeout).ConfigureAwait(false);
            return IngressReason.Accepted;
        }
        catch (Exception exception) when (exception is TimeoutException || cancellation.IsCancellationRequested)
        {
            LogMessages.PublishTimedOut(logger, webhook.Receiver, messageId, settings.EnqueueTimeout);
            return IngressReason.BrokerTimeout;
        }
        catch (WebhookNotRoutedException exception)
        {
            LogMessages.PublishFailed(logger, exception, webhook.Receiver, messageId);
            return IngressReason.NoSubscriber;
        }
        catch (Exception exception)
        {
            LogMessages.PublishFailed(logger, exception, webhook.Receiver, messageId);
            return IngressReason.BrokerUnavailable;
        }
    }

    static IngressResponse RetryLater(IngressReason reason, WebhookReceiverOptions settings) => new(reason, settings.RetryAfter);
}
