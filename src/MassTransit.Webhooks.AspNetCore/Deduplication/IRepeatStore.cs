namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A store that does for several keys in one step what others do one by one.</summary>
internal interface IRepeatStore : IWebhookDeduplicator
{
    /// <summary>Claims all keys that are free, unless one of the first ones is not: then none.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="decisive">How many of them, from the first, must be free.</param>
    /// <param name="owner">Who claims.</param>
    /// <param name="pending">How long the claims hold.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How each key was found.</returns>
    Task<WebhookClaim[]> ClaimAsync(Guid[] keys, int decisive, string owner, TimeSpan pending, CancellationToken cancellationToken);

    /// <summary>Remembers all keys as accepted.</summary>
    Task ConfirmAsync(Guid[] keys, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Forgets all claims that are the owner's.</summary>
    Task ReleaseAsync(Guid[] keys, string owner, CancellationToken cancellationToken);
}

/// <summary>Does it one by one, for stores that know no better.</summary>
internal static class RepeatStoreExtensions
{
    public static async Task<WebhookClaim[]> ClaimEachAsync(
        this IWebhookDeduplicator store, Guid[] keys, int decisive, string owner, TimeSpan pending, CancellationToken cancellationToken)
    {
        var found = new WebhookClaim[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            // In this order for everyone: of two requests that want the same keys one gets the first, and then all.
            found[i] = await store.ClaimAsync(keys[i], owner, pending, cancellationToken).ConfigureAwait(false);
            if (i >= decisive || found[i] == WebhookClaim.Claimed)
                continue;
            for (var j = 0; j < i; j++)
                await store.ReleaseAsync(keys[j], owner, cancellationToken).ConfigureAwait(false);
            break;
        }

        return found;
    }

    public static Task ConfirmEachAsync(this IWebhookDeduplicator store, Guid[] keys, TimeSpan window, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(x => store.ConfirmAsync(x, window, cancellationToken)));

    public static Task ReleaseEachAsync(this IWebhookDeduplicator store, Guid[] keys, string owner, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(x => store.ReleaseAsync(x, owner, cancellationToken)));
}
