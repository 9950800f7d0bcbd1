namespace MassTransit.Webhooks;

/// <summary>A webhook on its way through a processor.</summary>
/// <param name="Webhook">What was received.</param>
/// <param name="Attempt">Which attempt of this delivery it is: 0 for the first, then the number of the retry.</param>
/// <param name="RedeliveryCount">How often it was redelivered after all retries had failed: 0 at first.</param>
/// <param name="DeliveredBefore">True where the transport delivered it before, to a consumer that crashed or lost its lease: part of its work may be done.</param>
public sealed record WebhookContext(Webhook Webhook, int Attempt, int RedeliveryCount, bool DeliveredBefore)
{
    /// <summary>The span of this attempt, where traces are wanted.</summary>
    internal System.Diagnostics.Activity? Activity { get; init; }

    /// <summary>The span is that of a bundle: it stands for all webhooks of it.</summary>
    internal bool IsBundled { get; init; }

    /// <summary>Where it came from.</summary>
    internal IReceivedWebhook? Received { get; init; }
}
