using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Publishes a verified webhook unless it is a repeat: claim, publish, confirm; and no answer of success before the broker's.</summary>
internal sealed class OncePublisher(DeduplicationGuard deduplication, IServiceProvider services, ILogger<WebhookIngress> logger)
{
    /// <summary>A claim outlives its request by this, so that it is not another's while the request still cleans up.</summary>
    static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(5);

    public async Task<IngressResponse> PublishAsync(Webhook webhook, WebhookReceiverOptions settings)
    {
        var messageId = webhook.GetMessageId();
        var owner = Guid.NewGuid().ToString("N");
        switch (await deduplication.ClaimAsync(messageId, owner, settings.EnqueueTimeout + ClaimMargin).ConfigureAwait(false))
        {
            case WebhookClaim.Accepted:
                return IngressReason.Duplicate;
            case WebhookClaim.Pending:
                return Again(IngressReason.DuplicatePending, settings);
        }

        var outcome = await EnqueueAsync(webhook, messageId, settings).ConfigureAwait(false);
        if (outcome != IngressReason.Accepted)
        {
            await deduplication.ReleaseAsync(messageId, owner).ConfigureAwait(false);
            return Again(outcome, settings);
        }

        await deduplication.ConfirmAsync(messageId, settings.DuplicateWindow).ConfigureAwait(false);
        LogMessages.Accepted(logger, webhook.Receiver, messageId);
        return IngressReason.Accepted;
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

    static IngressResponse Again(IngressReason reason, WebhookReceiverOptions settings) => new(reason, settings.RetryAfter);
}
