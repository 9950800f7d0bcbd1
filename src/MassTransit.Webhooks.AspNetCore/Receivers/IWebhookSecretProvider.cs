namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Where a receiver's secrets come from, when they are not in the configuration: a vault, a table of customers.</summary>
public interface IWebhookSecretProvider
{
    /// <summary>
    /// The secrets that are valid now; called for each request, so what is slow should be remembered for a while. None, none that can be
    /// used (white space around a text), or an exception: the sender is asked to try again later, and nothing is taken.
    /// </summary>
    /// <param name="receiver">The receiver's name.</param>
    /// <param name="cancellationToken">The sender has gone.</param>
    ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken);
}
