namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers which webhooks were accepted: a webhook is claimed, published, then confirmed. A claim that is released or never confirmed is
/// forgotten, so that the sender's next attempt is published. If a method throws or takes longer than
/// <see cref="WebhookDeduplicationOptions.Timeout"/>, the webhook is accepted without it, and a repeat is published again with the same
/// message id. After three such failures in a row requests no longer call the store; it is tried once a second until it works again.
/// </summary>
public interface IWebhookDeduplicator
{
    /// <summary>Claims a webhook for one owner, unless it is already claimed or accepted.</summary>
    /// <param name="webhook">
    /// The key to claim. One webhook has up to three: its message id (of receiver, tenant, sender's id and content), its id without the
    /// content, and its signed bytes.
    /// </param>
    /// <param name="owner">The owner of the claim. Each request has a different one.</param>
    /// <param name="pending">How long the claim lasts if it is neither confirmed nor released.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken);

    /// <summary>Remembers the webhook as accepted, whichever owner has claimed it.</summary>
    /// <param name="webhook">The key that was claimed.</param>
    /// <param name="window">How long it is remembered.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Removes a claim if it still belongs to that owner.</summary>
    /// <param name="webhook">The key that was claimed.</param>
    /// <param name="owner">The owner of the claim.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken);
}

/// <summary>The result of a claim.</summary>
public enum WebhookClaim
{
    /// <summary>The caller has the claim. It publishes the webhook, then confirms or releases the claim.</summary>
    Claimed,

    /// <summary>Another request is publishing the webhook.</summary>
    Pending,

    /// <summary>The webhook was accepted before.</summary>
    Accepted
}
