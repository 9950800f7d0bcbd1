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

    /// <exception cref="ConfigurationException">An option is out of its range: named, with its value and the cure.</exception>
    internal void Validate()
    {
        Require(MaxLatency > TimeSpan.Zero, nameof(MaxLatency), MaxLatency);
        Require(MaxPercentile99Latency is null || MaxPercentile99Latency > TimeSpan.Zero, nameof(MaxPercentile99Latency), MaxPercentile99Latency);
    }

    static void Require(bool valid, string option, object? value)
    {
        if (!valid)
            throw new ConfigurationException($"{nameof(WebhookHealthOptions)}.{option} is {value}: choose a time above 0.");
    }
}
