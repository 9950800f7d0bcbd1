using System.Collections.ObjectModel;

namespace MassTransit.Webhooks;

/// <summary>
/// The result of a webhook for a sender that waits for it: <c>IRequestClient&lt;Webhook&gt;.GetResponse&lt;WebhookReply&gt;</c>. It is sent
/// when the webhook has left the queue as succeeded or discarded. A webhook that has failed for good is answered with MassTransit's fault.
/// </summary>
public record WebhookReply
{
    /// <summary><see cref="WebhookStatus.Succeeded"/> or <see cref="WebhookStatus.Discarded"/>.</summary>
    public WebhookStatus Status { get; init; }

    /// <summary>Why the webhook was discarded.</summary>
    public string? Reason { get; init; }

    /// <summary>The processor's answer, unchanged. Default: empty.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1819",
        Justification = "Serializers know arrays of bytes, and no receiver shares the message.")]
    public byte[] Body { get; init; } = [];

    /// <summary>The headers of the answer. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>How long the processor took.</summary>
    public TimeSpan ProcessingTime { get; init; }
}
