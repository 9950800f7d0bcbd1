namespace MassTransit.Webhooks;

/// <summary>What a transport must be able to do for webhooks to be published in bundles.</summary>
internal interface IBundlePublishing
{
    /// <summary>True where whoever is subscribed to webhooks takes bundles too.</summary>
    ValueTask<bool> AreBundlesTakenAsync(CancellationToken cancellationToken);

    /// <summary>Says how many webhooks a message holds, so that it is counted as that many.</summary>
    void SetMessageCount(SendContext context, int count);
}
