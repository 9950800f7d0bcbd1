namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Provides the secrets of a receiver that are not in the configuration but in a vault or a table of customers, for example.
/// </summary>
public interface IWebhookSecretProvider
{
    /// <summary>
    /// Returns the secrets that are valid now. It is called for each request, so a slow source should be cached for a while. If it returns
    /// no secret or no usable one (a text with white space around it), or throws, the sender is asked to try again later and the webhook is
    /// not accepted.
    /// </summary>
    /// <param name="receiver">The receiver's name.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="WebhookReceiverOptions.EnqueueTimeout"/> has passed.</param>
    ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken);
}
