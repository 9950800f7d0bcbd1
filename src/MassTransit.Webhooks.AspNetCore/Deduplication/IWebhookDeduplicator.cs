namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers which webhooks were accepted: claim, publish, confirm. A claim that is released, or never confirmed, is
/// forgotten, so that the sender's next attempt is published. A method that throws, or takes longer than
/// <see cref="WebhookDeduplicationOptions.Timeout"/>, is as if it had not been called: webhooks are taken all the same, and a repeat has the
/// same message id; after three of them in a row it is not called for a request any more, but once a second, until it works again.
/// </summary>
public interface IWebhookDeduplicator
{
    /// <summary>Claims a webhook, for one owner, unless it is claimed or accepted already.</summary>
    /// <param name="webhook">
    /// What is to be remembered: its message id, of receiver, tenant, the sender's id and the content; for the same webhook also its id
    /// without the content, and its signed bytes.
    /// </param>
    /// <param name="owner">Who claims: another one for each request.</param>
    /// <param name="pending">How long the claim holds, where it is neither confirmed nor released.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken);

    /// <summary>Remembers the webhook as accepted, whoever had claimed it.</summary>
    /// <param name="webhook">What was claimed.</param>
    /// <param name="window">For how long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Forgets a claim, if it is still that owner's.</summary>
    /// <param name="webhook">What was claimed.</param>
    /// <param name="owner">Who claimed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken);
}

/// <summary>What became of a claim.</summary>
public enum WebhookClaim
{
    /// <summary>It is the caller's: publish, then confirm or release.</summary>
    Claimed,

    /// <summary>Another request is publishing it.</summary>
    Pending,

    /// <summary>It was accepted before.</summary>
    Accepted
}
