namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Where the customers of a receiver are kept, each with an address of its own (<c>/webhooks/{receiver}/{tenant}</c>) and secrets: a table,
/// a vault, another service. Given to <see cref="WebhookReceiverBuilder.TenantsFrom{TStore}"/>, which remembers what it has answered.
/// </summary>
public interface IWebhookReceiverStore
{
    /// <summary>
    /// Finds a customer. What it returns is remembered for <see cref="WebhookReceiverOptions.TenantLifetime"/>, also that there is none. If
    /// it throws or does not end in time, what was known before counts for a while longer; of a customer that is not known the sender is
    /// asked to try again later.
    /// </summary>
    /// <param name="receiver">The receiver's name.</param>
    /// <param name="tenant">The tenant in the address. Anybody may have sent it.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="WebhookReceiverOptions.EnqueueTimeout"/> has passed.</param>
    /// <returns>The customer; <c>null</c> if there is none, which is answered with 404.</returns>
    ValueTask<WebhookTenant?> FindAsync(string receiver, string tenant, CancellationToken cancellationToken);
}

/// <summary>A customer of a receiver.</summary>
public sealed class WebhookTenant
{
    /// <param name="secrets">The secrets by which its sender signs now; several while one is being rotated.</param>
    public WebhookTenant(params IReadOnlyList<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        Secrets = secrets;
    }

    /// <summary>The secrets by which its sender signs now.</summary>
    public IReadOnlyList<string> Secrets { get; }

    /// <summary>
    /// The tenant as it is published (<see cref="Webhook.Tenant"/>), if that is another text than the one in the address. Default
    /// <c>null</c>: the one in the address.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The priority of its webhooks, 0 to 255. Default <c>null</c>: the receiver's.</summary>
    public int? Priority { get; init; }

    /// <summary>The texts for a question by <c>GET</c>. Default <c>null</c>: <see cref="WebhookReceiverOptions.VerifyTokens"/>.</summary>
    public IReadOnlyList<string>? VerifyTokens { get; init; }
}
