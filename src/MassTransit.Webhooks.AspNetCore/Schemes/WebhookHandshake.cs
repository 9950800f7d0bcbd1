namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Decides whether the application expects the secret that a sender brings when its webhook is made (Asana), and keeps it, so that an
/// <see cref="IWebhookSecretProvider"/> has it from then on.
/// </summary>
/// <param name="request">Whose webhook it is, and the secret.</param>
/// <param name="cancellationToken">Cancelled when <see cref="WebhookReceiverOptions.EnqueueTimeout"/> has passed.</param>
/// <returns><c>true</c> if the secret is kept; <c>false</c>: nobody is making a webhook just now, and the request is refused.</returns>
public delegate ValueTask<bool> WebhookHandshake(WebhookHandshakeRequest request, CancellationToken cancellationToken);

/// <summary>The secret that a sender brings when its webhook is made. Anybody can send such a request.</summary>
public sealed class WebhookHandshakeRequest
{
    internal WebhookHandshakeRequest(string receiver, string? tenant, string secret) =>
        (Receiver, Tenant, Secret) = (receiver, tenant, secret);

    /// <summary>The receiver's name.</summary>
    public string Receiver { get; }

    /// <summary>The tenant that the address names; <c>null</c> if it names none.</summary>
    public string? Tenant { get; }

    /// <summary>The secret with which the sender will sign. It must not be logged.</summary>
    public string Secret { get; }
}
