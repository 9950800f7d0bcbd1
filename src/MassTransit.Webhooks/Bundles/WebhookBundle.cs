namespace MassTransit.Webhooks;

/// <summary>
/// Webhooks of one priority that are sent, leased and processed together, so that the cost of MassTransit's pipeline is paid once for all
/// of them. A bundle exists for one delivery only: webhooks that are not done after it become messages of their own.
/// </summary>
internal sealed record WebhookBundle
{
    /// <summary>
    /// The largest number of webhooks in a bundle. A record can count up to 256 messages, and a processor's batch has 100 by default.
    /// </summary>
    public const int MaxCount = 100;

    /// <summary>The largest size of a bundle, in bytes. Larger webhooks gain nothing from a bundle.</summary>
    public const int MaxBytes = 256 * 1024;

    public int Count { get; init; }

    /// <summary>The webhooks, packed by <see cref="WebhookPacker"/>.</summary>
    public byte[] Webhooks { get; init; } = [];

    /// <summary>
    /// The identities, packed by <see cref="WebhookIdentities"/>; <c>null</c> if there are none, or if an older process has packed the
    /// bundle.
    /// </summary>
    public byte[]? Identities { get; init; }
}
