namespace MassTransit.Webhooks;

/// <summary>What a transport must provide to publish webhooks in bundles.</summary>
internal interface IBundlePublishing
{
    /// <summary>True if every subscriber to webhooks takes bundles too.</summary>
    ValueTask<bool> AreBundlesTakenAsync(CancellationToken cancellationToken);

    /// <summary>Sets how many webhooks a message holds, so that it is counted as that many.</summary>
    void SetMessageCount(SendContext context, int count);
}
