namespace MassTransit.Webhooks;

/// <summary>A webhook that a processor is given, with its attempts.</summary>
/// <param name="Webhook">The webhook as it was received.</param>
/// <param name="Attempt">The number of this attempt within the delivery: 0 for the first one, then the number of the retry.</param>
/// <param name="RedeliveryCount">How often the webhook was redelivered after all retries had failed; 0 at first.</param>
/// <param name="DeliveredBefore">
/// True if the transport has delivered it before to a consumer that crashed or lost its lease. A part of its work may already be done.
/// </param>
public sealed record WebhookContext(Webhook Webhook, int Attempt, int RedeliveryCount, bool DeliveredBefore)
{
    /// <summary>The span of this attempt, if it is traced.</summary>
    internal System.Diagnostics.Activity? Activity { get; init; }

    /// <summary>True if the span belongs to a bundle and so to all its webhooks.</summary>
    internal bool IsBundled { get; init; }

    /// <summary>The delivery that it came with.</summary>
    internal IReceivedWebhook? Received { get; init; }
}
