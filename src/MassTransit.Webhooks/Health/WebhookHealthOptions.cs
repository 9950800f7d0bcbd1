namespace MassTransit;

/// <summary>When the health check of webhooks complains.</summary>
public sealed class WebhookHealthOptions
{
    /// <summary>
    /// From received to processed, the median of the last 10 to 20 seconds. Default: 10 ms. The median, because a single webhook
    /// that was redelivered after an hour says nothing about the others. A processor's <c>BatchTimeLimit</c> is part of it.
    /// </summary>
    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The same for the 99th percentile. Default: <c>null</c>, not looked at: redeliveries are in it.</summary>
    public TimeSpan? MaxPercentile99Latency { get; set; }

    /// <summary>What is wrong, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (MaxLatency <= TimeSpan.Zero)
            yield return (nameof(MaxLatency), $"is {MaxLatency}: choose a time above 0");
        if (MaxPercentile99Latency <= TimeSpan.Zero)
            yield return (nameof(MaxPercentile99Latency), $"is {MaxPercentile99Latency}: choose a time above 0");
    }
}
