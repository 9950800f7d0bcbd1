using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>The counters of one processor. A webhook costs a few interlocked additions.</summary>
internal sealed class ProcessorCounters(string name, TimeProvider time)
{
    readonly LatencyHistogram _latency = new(time);
    readonly long _started = time.GetTimestamp();
    long _succeeded;
    long _retried;
    long _failed;
    long _discarded;
    long _batches;
    long _processingTicks;

    public WorkerLimit? Workers { get; set; }

    public ProcessorMeter? Meter { get; set; }

    public long Processed => Interlocked.Read(ref _succeeded) + Interlocked.Read(ref _retried) + Interlocked.Read(ref _failed)
        + Interlocked.Read(ref _discarded);

    public void AddBatch(TimeSpan processing)
    {
        Interlocked.Add(ref _processingTicks, processing.Ticks);
        Interlocked.Increment(ref _batches);
    }

    /// <param name="status">The result of an attempt.</param>
    /// <param name="latency">The time from received to processed; <c>null</c> if it says nothing of the processor.</param>
    public void Add(WebhookStatus status, TimeSpan? latency)
    {
        switch (status)
        {
            case WebhookStatus.Succeeded:
                Interlocked.Increment(ref _succeeded);
                break;
            case WebhookStatus.Retry:
                Interlocked.Increment(ref _retried);
                break;
            case WebhookStatus.Failed:
                Interlocked.Increment(ref _failed);
                break;
            default:
                Interlocked.Increment(ref _discarded);
                break;
        }

        if (latency is { } time)
            _latency.Add(time);
    }

    /// <summary>The median and the 99th percentile of the latency; <c>null</c> if nothing was processed lately.</summary>
    public (TimeSpan? Median, TimeSpan? Percentile99) ReadLatency() =>
        _latency.Read() is { Count: > 0 } latency ? (latency.Median, latency.Percentile99) : (null, null);

    public WebhookProcessorStatistics Read()
    {
        var succeeded = Interlocked.Read(ref _succeeded);
        var processed = Processed;
        var batches = Interlocked.Read(ref _batches);
        var (average, p50, p99, recent, window) = _latency.Read();
        return new WebhookProcessorStatistics
        {
            Processor = name,
            ActiveWorkers = Workers?.Active ?? 0,
            WorkerLimit = Workers?.Limit ?? 0,
            WaitingBatches = Workers?.Waiting ?? 0,
            Succeeded = succeeded,
            Retried = Interlocked.Read(ref _retried),
            Failed = Interlocked.Read(ref _failed),
            Discarded = Interlocked.Read(ref _discarded),
            SuccessRate = processed == 0 ? 1 : (double)succeeded / processed,
            Throughput = window > TimeSpan.Zero ? recent / window.TotalSeconds : 0,
            AverageLatency = average,
            MedianLatency = p50,
            Percentile99Latency = p99,
            AverageProcessingTime = batches == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Interlocked.Read(ref _processingTicks) / batches),
            Uptime = time.GetElapsedTime(_started),
        };
    }
}
