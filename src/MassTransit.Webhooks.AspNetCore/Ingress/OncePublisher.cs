using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Publishes a verified webhook unless it is a repeat: claim, publish, confirm; and no answer of success before the broker's.</summary>
internal sealed class OncePublisher(DeduplicationGuard deduplication, IServiceProvider services, IngressMetrics metrics, ILogger<WebhookIngress> logger)
{
    /// <summary>A claim outlives its request by this, so that it is not another's while the request still cleans up.</summary>
    static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(5);

    readonly Notice _replays = new();
    readonly Notice _reusedIds = new();

    public async Task<IngressResponse> PublishAsync(ReceivedWebhook received, WebhookReceiverOptions settings)
    {
        var (webhook, messageId, keys) = (received.Webhook, received.MessageId, received.Keys);
        var accepted = new IngressResponse(IngressReason.Accepted, Status: received.AcceptedStatus);
        if (keys.IsEmpty)
        {
            var published = await EnqueueAsync(webhook, messageId, settings).ConfigureAwait(false);
            return published == IngressReason.Accepted ? accepted : RetryLater(published, settings);
        }

        // What decides comes first: the webhook itself, then its signed bytes. Its id alone only tells.
        Guid[] all = [.. new[] { keys.Message, keys.Signed, keys.Id }.OfType<Guid>()];
        var decisive = all.Length - (keys.Id is null ? 0 : 1);
        var owner = Guid.NewGuid().ToString("N");
        var budget = deduplication.Begin();
        var found = await deduplication.ClaimAsync(all, decisive, owner, settings.EnqueueTimeout + ClaimMargin, budget).ConfigureAwait(false);
        if (found is not null)
        {
            var verdict = Judge(keys, found);
            if (verdict == IngressReason.Replayed && _replays.IsDue(webhook.Receiver))
                LogMessages.Replayed(logger, webhook.Receiver);
            if (verdict != IngressReason.Accepted)
            {
                deduplication.End(budget);
                return verdict == IngressReason.DuplicatePending ? RetryLater(verdict, settings) : verdict;
            }

            if (keys.Id is not null && found[^1] != WebhookClaim.Claimed)
            {
                metrics.IdReused(webhook.Receiver);
                if (_reusedIds.IsDue(webhook.Receiver))
                    LogMessages.IdReused(logger, webhook.Receiver, messageId);
            }
        }

        var outcome = await EnqueueAsync(webhook, messageId, settings).ConfigureAwait(false);
        var isAccepted = outcome == IngressReason.Accepted;
        // What is looked for only, and not remembered, is free again afterwards.
        var settling = isAccepted && keys.KeepsSigned
            ? deduplication.ConfirmAsync(all, settings.DuplicateWindow, budget)
            : deduplication.ReleaseAsync(all, owner, budget);
        // A store that did not answer to the claim is not waited for again.
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
            // The same bytes are being published under another id: what becomes of that decides. Of two without an id neither is a repeat.
            WebhookClaim.Pending when keys.KeepsSigned => IngressReason.DuplicatePending,
            _ => IngressReason.Accepted
        };
    }

    /// <summary>Not ended by a sender that goes: what it sent whole is published, and its next attempt is a repeat.</summary>
    async Task<IngressReason> EnqueueAsync(Webhook webhook, Guid messageId, WebhookReceiverOptions settings)
    {
        using var cancellation = new CancellationTokenSource(settings.EnqueueTimeout);
        try
        {
            var queue = services.GetRequiredService<IWebhookQueue>();
            // A transport may begin with work that does not look at the token.
            var publishing = Task.Run(() => queue.EnqueueAsync(webhook, settings.Priority, cancellation.Token), CancellationToken.None);
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
