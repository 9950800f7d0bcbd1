using Microsoft.AspNetCore.Routing;

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

    /// <summary>
    /// Returns the secrets that are valid now for a request. Default: those of the receiver. Override it where they depend on the tenant or
    /// on another part of the address.
    /// </summary>
    /// <param name="request">What is known of the request before its signature is checked.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="WebhookReceiverOptions.EnqueueTimeout"/> has passed.</param>
    ValueTask<IReadOnlyList<string>> GetSecretsAsync(WebhookSecretRequest request, CancellationToken cancellationToken) =>
        GetSecretsAsync(request.Receiver, cancellationToken);
}

/// <summary>
/// What is known of a request before its signature is checked. All of it but the receiver is chosen by whoever has sent the request.
/// </summary>
public sealed class WebhookSecretRequest
{
    internal WebhookSecretRequest(string receiver, string? tenant, RouteValueDictionary routeValues) =>
        (Receiver, Tenant, RouteValues) = (receiver, tenant, routeValues);

    /// <summary>The receiver's name.</summary>
    public string Receiver { get; }

    /// <summary>
    /// The tenant that the address names (<see cref="WebhookReceiverBuilder.Tenant"/>); <c>null</c> if it names none.
    /// </summary>
    public string? Tenant { get; }

    /// <summary>The values of the address's route.</summary>
    public RouteValueDictionary RouteValues { get; }
}
