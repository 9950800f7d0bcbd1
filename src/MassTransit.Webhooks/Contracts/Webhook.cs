using System.Collections.ObjectModel;

namespace MassTransit.Webhooks;

/// <summary>
/// One webhook as it was received: what the sender said, byte for byte. Consume it with plain MassTransit
/// (<c>IConsumer&lt;Webhook&gt;</c>, <c>IConsumer&lt;Batch&lt;Webhook&gt;&gt;</c>).
/// </summary>
/// <remarks>
/// The contract only grows: properties are added with a default, never renamed or removed, so that old and new processes share
/// a queue during a deployment.
/// </remarks>
public record Webhook
{
    /// <summary>
    /// The sender's id of this webhook (<c>webhook-id</c>, <c>X-GitHub-Delivery</c>, …). The same for every time the sender tries
    /// to deliver it, and with some senders for all webhooks of one event. Above 256 characters: <c>id-sha256-</c> and its hash. Where
    /// the sender gives none, <c>generated-</c> and a UUID, another one for each time; or <c>sha256-</c> and the body's hash, where the
    /// receiver takes equal bodies for repeats. <see cref="IsIdSigned"/> says whether it is proven.
    /// </summary>
    public string Id { get; init; } = "";

    /// <summary>The name of the receiver that took it in: <c>github</c>, <c>stripe</c>, … Default: empty.</summary>
    public string Receiver { get; init; } = "";

    /// <summary>
    /// What happened, in the sender's words: <c>push</c>, <c>invoice.paid</c>, … Default: empty, where the sender does not say.
    /// <see cref="IsEventTypeSigned"/> says whether it is proven.
    /// </summary>
    public string EventType { get; init; } = "";

    /// <summary>When it was received, UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The body's content type, as the sender gave it. Default: <c>null</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Selected headers of the request, names in lower case. Never a signature, a token or a cookie by a known name. Not proven: whoever passes a
    /// captured request on may change them, but for those that are signed (<c>webhook-id</c>, <c>webhook-timestamp</c>). Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The body, byte for byte: what the signature was computed over. Never parsed or written anew on its way.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1819", Justification = "Serializers know arrays of bytes, and no consumer shares the message.")]
    public byte[] Body { get; init; } = [];

    /// <summary>
    /// Whose webhook it is, where one receiver serves several customers. Default: <c>null</c>. Selected from the request by the application:
    /// as proven as what it is selected from, and the address is not, where customers share a secret.
    /// </summary>
    public string? Tenant { get; init; }

    /// <summary>
    /// Tells contents apart that come under one id: a digest of the body, and where the sender signs no id also of event type and
    /// address. Default: <c>null</c>, the id alone is the webhook's identity.
    /// </summary>
    public string? ContentDigest { get; init; }

    /// <summary>
    /// Whether the sender's signature covers <see cref="Id"/> (Standard Webhooks, Stripe, Slack's events). Default: false, and who has
    /// captured a request may send it under an id of his own: GitHub, Shopify, tokens.
    /// </summary>
    public bool IsIdSigned { get; init; }

    /// <summary>Whether the sender's signature covers <see cref="EventType"/>: it stands in the body. Default: false, it is a header that anyone may change.</summary>
    public bool IsEventTypeSigned { get; init; }

    /// <summary>
    /// The id of the message: derived from <see cref="Receiver"/>, <see cref="Tenant"/>, <see cref="Id"/> and
    /// <see cref="ContentDigest"/>, so that a repeat is still the same message, and another webhook under the same id is not. Empty
    /// where the webhook has no id.
    /// </summary>
    /// <returns>A UUID of version 8.</returns>
    public Guid GetMessageId() => Id.Length == 0 ? Guid.Empty : WebhookMessageId.Create(Receiver, Tenant, Id, ContentDigest);
}
