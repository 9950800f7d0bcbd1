namespace MassTransit;

/// <summary>The limits of the health check of webhooks.</summary>
public sealed class WebhookHealthOptions
{
    /// <summary>
    /// The largest median of the time from received to processed, over the last 10 to 20 seconds. Default: 10 ms. It is the median, because
    /// a single webhook that was redelivered after an hour says nothing about the others. The time includes a processor's
    /// <c>BatchTimeLimit</c>.
    /// </summary>
    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The largest 99th percentile of the same time. Default: <c>null</c>, not checked, because redeliveries are part of it.
    /// </summary>
    public TimeSpan? MaxPercentile99Latency { get; set; }

    /// <summary>The errors, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (MaxLatency <= TimeSpan.Zero)
            yield return (nameof(MaxLatency), $"is {MaxLatency}: choose a time above 0");
        if (MaxPercentile99Latency <= TimeSpan.Zero)
            yield return (nameof(MaxPercentile99Latency), $"is {MaxPercentile99Latency}: choose a time above 0");
    }
}
