namespace MassTransit.Webhooks;

/// <summary>What a transport must provide to consume bundles of webhooks.</summary>
internal interface IBundleConsuming
{
    /// <summary>Returns as how many messages a received message is counted.</summary>
    int GetMessageCount(ConsumeContext context);

    /// <summary>
    /// Returns a message to its queue when its delivery ends, whatever filters do until then. It is neither acknowledged nor counted as an
    /// attempt, and its next receiver can see that it was delivered before.
    /// </summary>
    void Return(ConsumeContext context);

    /// <summary>True after a call of <see cref="Return"/>, until the delivery ends.</summary>
    bool IsReturned(ConsumeContext context);

    /// <summary>True if the message was delivered before: its receiver has crashed, lost its lease or returned it.</summary>
    bool WasDelivered(ConsumeContext context);

    /// <summary>
    /// Replaces a bundle that is being consumed by single messages, in one step with its acknowledgement. They have the same priority,
    /// place and lease, and are delivered to the consumers of webhooks on the same endpoint.
    /// </summary>
    Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<BundlePart> parts);
}
