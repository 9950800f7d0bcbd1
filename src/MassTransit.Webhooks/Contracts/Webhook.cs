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
    /// to deliver it.
    /// </summary>
    public string Id { get; init; } = "";

    /// <summary>The name of the receiver that took it in: <c>github</c>, <c>stripe</c>, … Default: empty.</summary>
    public string Receiver { get; init; } = "";

    /// <summary>What happened, in the sender's words: <c>push</c>, <c>invoice.paid</c>, … Default: empty, where the sender does not say.</summary>
    public string EventType { get; init; } = "";

    /// <summary>When it was received, UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The body's content type, as the sender gave it. Default: <c>null</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Selected headers of the request, names in lower case. Never a signature, a token or a cookie. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The body, byte for byte: what the signature was computed over. Never parsed or written anew on its way.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1819", Justification = "Serializers know arrays of bytes, and no consumer shares the message.")]
    public byte[] Body { get; init; } = [];

    /// <summary>Whose webhook it is, where one receiver serves several customers. Default: <c>null</c>.</summary>
    public string? Tenant { get; init; }

    /// <summary>
    /// The id of the message: derived from <see cref="Receiver"/> and <see cref="Id"/>, so that a repeat is still the same
    /// message. Empty where the webhook has no id.
    /// </summary>
    /// <returns>A UUID of version 8.</returns>
    public Guid GetMessageId() => Id.Length == 0 ? Guid.Empty : WebhookMessageId.Create(Receiver, Id);
}
