namespace MassTransit.Webhooks;

/// <summary>Current figures of the processors of this process.</summary>
public interface IWebhookStatistics
{
    /// <summary>Returns one entry for each processor, ordered by name.</summary>
    /// <returns>A snapshot.</returns>
    IReadOnlyList<WebhookProcessorStatistics> Read();
}

/// <summary>The figures of one processor.</summary>
public sealed record WebhookProcessorStatistics
{
    /// <summary>The processor's name.</summary>
    public string Processor { get; init; } = "";

    /// <summary>How many workers process a batch now.</summary>
    public int ActiveWorkers { get; init; }

    /// <summary>How many workers there may be now. <c>AutoScale</c> changes it.</summary>
    public int WorkerLimit { get; init; }

    /// <summary>How many batches wait for a worker.</summary>
    public int WaitingBatches { get; init; }

    /// <summary>Attempts that succeeded, since the start.</summary>
    public long Succeeded { get; init; }

    /// <summary>Attempts that asked for another one, since the start.</summary>
    public long Retried { get; init; }

    /// <summary>Webhooks that have failed for good, since the start.</summary>
    public long Failed { get; init; }

    /// <summary>Webhooks dropped as not wanted, since the start.</summary>
    public long Discarded { get; init; }

    /// <summary>The share of attempts that succeeded, 0 to 1.</summary>
    public double SuccessRate { get; init; }

    /// <summary>Attempts per second, over the last 10 to 20 seconds.</summary>
    public double Throughput { get; init; }

    /// <summary>The average time from received to processed, over the last 10 to 20 seconds.</summary>
    public TimeSpan AverageLatency { get; init; }

    /// <summary>The median time from received to processed, over the same time. It is at most 9 % too high.</summary>
    public TimeSpan MedianLatency { get; init; }

    /// <summary>The 99th percentile of the time from received to processed, over the same time. It is at most 9 % too high.</summary>
    public TimeSpan Percentile99Latency { get; init; }

    /// <summary>
    /// The average time that a worker is busy with a batch of any size, since the start. It does not use the times in results
    /// (<see cref="WebhookResult.ProcessingTime"/>).
    /// </summary>
    public TimeSpan AverageProcessingTime { get; init; }

    /// <summary>The time since the processor's first use.</summary>
    public TimeSpan Uptime { get; init; }
}
