namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A store that handles several keys in one step. Other stores are called once for each key.</summary>
internal interface IRepeatStore : IWebhookDeduplicator
{
    /// <summary>Claims all keys that are free. If one of the first <paramref name="decisive"/> keys is not free, claims none.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="decisive">How many keys, counted from the first, must be free.</param>
    /// <param name="owner">The owner of the claims.</param>
    /// <param name="pending">How long the claims last.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What each key was found to be.</returns>
    Task<WebhookClaim[]> ClaimAsync(Guid[] keys, int decisive, string owner, TimeSpan pending, CancellationToken cancellationToken);

    /// <summary>Remembers all keys as accepted.</summary>
    Task ConfirmAsync(Guid[] keys, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Removes all claims that belong to the owner.</summary>
    Task ReleaseAsync(Guid[] keys, string owner, CancellationToken cancellationToken);
}

/// <summary>Calls a store once for each key, for stores that cannot handle several keys in one step.</summary>
internal static class RepeatStoreExtensions
{
    public static async Task<WebhookClaim[]> ClaimEachAsync(
        this IWebhookDeduplicator store, Guid[] keys, int decisive, string owner, TimeSpan pending, CancellationToken cancellationToken)
    {
        var found = new WebhookClaim[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            // Claims the keys in the same order for every request. Of two requests with the same keys, the one that gets the first key then
            // gets all of them.
            found[i] = await store.ClaimAsync(keys[i], owner, pending, cancellationToken).ConfigureAwait(false);
            if (i >= decisive || found[i] == WebhookClaim.Claimed)
                continue;
            for (var j = 0; j < i; j++)
                await store.ReleaseAsync(keys[j], owner, cancellationToken).ConfigureAwait(false);
            break;
        }

        return found;
    }

    public static Task ConfirmEachAsync(this IWebhookDeduplicator store, Guid[] keys, TimeSpan window,
        CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(x => store.ConfirmAsync(x, window, cancellationToken)));

    public static Task ReleaseEachAsync(this IWebhookDeduplicator store, Guid[] keys, string owner, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(x => store.ReleaseAsync(x, owner, cancellationToken)));
}
