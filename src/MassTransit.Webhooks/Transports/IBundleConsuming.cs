namespace MassTransit.Webhooks;

/// <summary>What a transport must be able to do for bundles of webhooks to be consumed.</summary>
internal interface IBundleConsuming
{
    /// <summary>As how many messages a received one is counted.</summary>
    int GetMessageCount(ConsumeContext context);

    /// <summary>
    /// Has a message that is being consumed given back when its delivery is over, whatever filters make of it till then: neither acknowledged nor
    /// counted as an attempt, and its next receiver is told.
    /// </summary>
    void Return(ConsumeContext context);

    /// <summary>True after <see cref="Return"/>, for the rest of the delivery.</summary>
    bool IsReturned(ConsumeContext context);

    /// <summary>True where the message was delivered before: its receiver crashed, lost its lease, or has returned it.</summary>
    bool WasDelivered(ConsumeContext context);

    /// <summary>
    /// Puts messages of their own in the place of a bundle being consumed, in one step with its acknowledgement: same priority,
    /// same place, same lease. They reach the same endpoint's consumers of webhooks.
    /// </summary>
    Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<BundlePart> parts);
}
