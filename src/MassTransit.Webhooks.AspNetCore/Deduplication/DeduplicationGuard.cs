using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Keeps a store that fails or hangs from refusing webhooks: without it they are taken, and a repeat has the same id.</summary>
internal sealed class DeduplicationGuard(IWebhookDeduplicator store, IngressMetrics metrics, ILogger<DeduplicationGuard> logger)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public async Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending)
    {
        var claim = WebhookClaim.Claimed;
        await TryAsync(async token => claim = await store.ClaimAsync(webhook, owner, pending, token).ConfigureAwait(false)).ConfigureAwait(false);
        return claim;
    }

    public Task ConfirmAsync(Guid webhook, TimeSpan window) => TryAsync(token => store.ConfirmAsync(webhook, window, token));

    public Task ReleaseAsync(Guid webhook, string owner) => TryAsync(token => store.ReleaseAsync(webhook, owner, token));

    async Task TryAsync(Func<CancellationToken, Task> action)
    {
        using var cancellation = new CancellationTokenSource(Limit);
        try
        {
            var running = action(cancellation.Token);
            running.ObserveFailure();
            await running.WaitAsync(Limit).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            metrics.DeduplicationFailed();
            LogMessages.DeduplicationFailed(logger, exception.Message);
        }
    }
}
