namespace MassTransit.Webhooks;

/// <summary>What the processors of this process do at the moment.</summary>
public interface IWebhookStatistics
{
    /// <summary>One entry a processor, by name.</summary>
    /// <returns>A snapshot.</returns>
    IReadOnlyList<WebhookProcessorStatistics> Read();
}

/// <summary>What one processor does.</summary>
public sealed record WebhookProcessorStatistics
{
    /// <summary>The processor's name.</summary>
    public string Processor { get; init; } = "";

    /// <summary>Workers that process a batch now.</summary>
    public int ActiveWorkers { get; init; }

    /// <summary>How many there may be now; changes with <c>AutoScale</c>.</summary>
    public int WorkerLimit { get; init; }

    /// <summary>Batches that wait for a worker.</summary>
    public int WaitingBatches { get; init; }

    /// <summary>Attempts that succeeded, since the start.</summary>
    public long Succeeded { get; init; }

    /// <summary>Attempts that asked for another one, since the start.</summary>
    public long Retried { get; init; }

    /// <summary>Webhooks given up, since the start.</summary>
    public long Failed { get; init; }

    /// <summary>Webhooks dropped as not wanted, since the start.</summary>
    public long Discarded { get; init; }

    /// <summary>Succeeded attempts of all attempts, 0 to 1.</summary>
    public double SuccessRate { get; init; }

    /// <summary>Attempts per second, over the last 10 to 20 seconds.</summary>
    public double Throughput { get; init; }

    /// <summary>From received to processed, on average, over the last 10 to 20 seconds.</summary>
    public TimeSpan AverageLatency { get; init; }

    /// <summary>From received to processed, the median over the same time; at most 9 % too high.</summary>
    public TimeSpan MedianLatency { get; init; }

    /// <summary>From received to processed, the 99th percentile over the same time; at most 9 % too high.</summary>
    public TimeSpan Percentile99Latency { get; init; }

    /// <summary>
    /// How long the processor takes for a batch, on average, since the start, whatever the size of the batches: the time in which a worker is busy with one.
    /// What results say of single webhooks (<see cref="WebhookResult.ProcessingTime"/>) is not in it.
    /// </summary>
    public TimeSpan AverageProcessingTime { get; init; }

    /// <summary>Since the processor's first use.</summary>
    public TimeSpan Uptime { get; init; }
}
