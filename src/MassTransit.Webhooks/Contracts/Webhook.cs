using System.Collections.ObjectModel;

namespace MassTransit.Webhooks;

/// <summary>
/// One webhook as it was received, with the unchanged body. Consume it with plain MassTransit (<c>IConsumer&lt;Webhook&gt;</c>,
/// <c>IConsumer&lt;Batch&lt;Webhook&gt;&gt;</c>).
/// </summary>
/// <remarks>
/// Properties are only added to this contract, with a default, and never renamed or removed, so that old and new processes can share a
/// queue during a deployment.
/// </remarks>
public record Webhook
{
    /// <summary>
    /// The sender's id of this webhook (<c>webhook-id</c>, <c>X-GitHub-Delivery</c>, …). It is the same for each attempt of the sender, and
    /// with some senders for all webhooks of one event. An id of more than 256 characters is replaced by <c>id-sha256-</c> and its hash. If
    /// the sender gives no id, it is <c>generated-</c> and a new UUID for each request; or <c>sha256-</c> and the body's hash, if the
    /// receiver treats equal bodies as repeats. <see cref="IsIdSigned"/> tells whether it is proven.
    /// </summary>
    public string Id { get; init; } = "";

    /// <summary>The name of the receiver that accepted it: <c>github</c>, <c>stripe</c>, … Default: empty.</summary>
    public string Receiver { get; init; } = "";

    /// <summary>
    /// The event type, in the sender's words: <c>push</c>, <c>invoice.paid</c>, … Default: empty if the sender gives none.
    /// <see cref="IsEventTypeSigned"/> tells whether it is proven.
    /// </summary>
    public string EventType { get; init; } = "";

    /// <summary>When it was received, UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The body's content type, as the sender gave it. Default: <c>null</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// Selected headers of the request, names in lower case. Signatures, tokens and cookies under known names are never included. Headers
    /// are not proven: anyone who sends a captured request again can change them, except the signed ones (<c>webhook-id</c>,
    /// <c>webhook-timestamp</c>). Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The unchanged body, over which the signature was computed. It is never parsed and serialized again on its way.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1819",
        Justification = "Serializers know arrays of bytes, and no consumer shares the message.")]
    public byte[] Body { get; init; } = [];

    /// <summary>
    /// The customer that the webhook belongs to, if one receiver serves several. Default: <c>null</c>. The application selects it from the
    /// request, so it is only as proven as the part that it is selected from. The address is not proven if customers share a secret.
    /// </summary>
    public string? Tenant { get; init; }

    /// <summary>
    /// A digest that distinguishes different contents with the same id. It covers the body, and if the sender does not sign the id also the
    /// event type and the address. Default: <c>null</c>, the id alone is the webhook's identity.
    /// </summary>
    public string? ContentDigest { get; init; }

    /// <summary>
    /// Whether the sender's signature covers <see cref="Id"/> (Standard Webhooks, Stripe, Slack's events). Default: false. Anyone who has
    /// captured such a request can send it again under another id (GitHub, Shopify, tokens).
    /// </summary>
    public bool IsIdSigned { get; init; }

    /// <summary>
    /// Whether the sender's signature covers <see cref="EventType"/>, because it is in the body. Default: false, it is a header that anyone
    /// can change.
    /// </summary>
    public bool IsEventTypeSigned { get; init; }

    /// <summary>
    /// Returns the id of the message. It is derived from <see cref="Receiver"/>, <see cref="Tenant"/>, <see cref="Id"/> and
    /// <see cref="ContentDigest"/>, so that a repeat is the same message, and another webhook with the same id is not. It is empty if the
    /// webhook has no id.
    /// </summary>
    /// <returns>A UUID of version 8.</returns>
    public Guid GetMessageId() => Id.Length == 0 ? Guid.Empty : WebhookMessageId.Create(Receiver, Tenant, Id, ContentDigest);
}
