namespace MassTransit.Webhooks;

/// <summary>A webhook that leaves its bundle, and what its processor made of it: <c>null</c>, where it has not been tried.</summary>
internal sealed record WebhookPart(Webhook Webhook, WebhookResult? Result);

/// <summary>What a transport must be able to do for webhooks to travel in bundles.</summary>
internal interface IWebhookBundleTransport
{
    /// <summary>True where whoever is subscribed to webhooks takes bundles too.</summary>
    ValueTask<bool> TakesBundlesAsync(CancellationToken cancellationToken);

    /// <summary>Has a message counted as many.</summary>
    void Weigh(SendContext context, int count);

    /// <summary>
    /// Puts messages of their own in the place of a bundle being consumed, in one step with its acknowledgement: same priority,
    /// same place, same lease. They reach the same endpoint's consumers of webhooks.
    /// </summary>
    Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<WebhookPart> parts);

    /// <summary>Tells a dead letter how often its webhook was tried: what MassTransit says of that is the redelivery's count where there is one.</summary>
    void NoteAttempts(ConsumeContext<Webhook> context, int attempts);

    /// <summary>What a processor of this process has made of a webhook before it left its bundle; <c>null</c>: it has not been tried.</summary>
    WebhookResult? Recall(ConsumeContext<Webhook> context);
}
