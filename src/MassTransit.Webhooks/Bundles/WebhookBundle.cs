namespace MassTransit.Webhooks;

/// <summary>
/// Webhooks of one priority that travel, are leased and are opened together: what MassTransit's pipeline costs a message is paid
/// once for all of them. It never outlives its first delivery: what is not done after it stands alone.
/// </summary>
internal sealed record WebhookBundle
{
    /// <summary>A record counts up to 256 messages, and batches of processors have 100 by default.</summary>
    public const int MaxCount = 100;

    /// <summary>Larger webhooks gain nothing from company.</summary>
    public const int MaxBytes = 256 * 1024;

    public int Count { get; init; }

    /// <summary>What <see cref="WebhookPacker"/> packed.</summary>
    public byte[] Webhooks { get; init; } = [];

    /// <summary>What <see cref="WebhookIdentities"/> packed; <c>null</c>: nothing, or an older process did.</summary>
    public byte[]? Identities { get; init; }
}
