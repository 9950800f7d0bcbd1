namespace MassTransit.Webhooks;

/// <summary>A webhook that leaves its bundle, and what its processor made of it: <c>null</c>, where it has not been tried.</summary>
internal sealed record WebhookPart(Webhook Webhook, WebhookResult? Result);

/// <summary>What a transport must be able to do for webhooks to travel in bundles.</summary>
internal interface IWebhookBundleTransport
{
    /// <summary>What publishing may take of time and memory, as the bus is configured.</summary>
    PublishLimits CreateLimits();

    /// <summary>True where whoever is subscribed to webhooks takes bundles too.</summary>
    ValueTask<bool> TakesBundlesAsync(CancellationToken cancellationToken);

    /// <summary>Has a message counted as many.</summary>
    void Weigh(SendContext context, int count);

    /// <summary>As how many a received message is counted.</summary>
    int CountOf(ConsumeContext context);

    /// <summary>
    /// Has a message that is being consumed given back when its delivery is over, whatever filters make of it till then: neither acknowledged nor
    /// counted as an attempt, and its next receiver is told.
    /// </summary>
    void Return(ConsumeContext context);

    /// <summary>True after <see cref="Return"/>, for the rest of the delivery.</summary>
    bool IsReturned(ConsumeContext context);

    /// <summary>True where the message comes again: its receiver crashed, lost its lease, or has returned it.</summary>
    bool ComesAgain(ConsumeContext context);

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
