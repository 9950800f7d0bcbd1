using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Webhooks;

/// <summary>Checks whether webhooks are processed in time. It reads this process's own figures and makes no calls.</summary>
internal sealed class LatencyCheck(IWebhookStatistics statistics, WebhookHealthOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        var complaints = new List<string>();
        foreach (var processor in statistics.Read())
        {
            data[processor.Processor] = string.Create(CultureInfo.InvariantCulture,
                $"median {processor.MedianLatency.TotalMilliseconds:0.0} ms, p99 {processor.Percentile99Latency.TotalMilliseconds:0.0} "
                    + $"ms, {processor.Throughput:0.0}/s, workers {processor.ActiveWorkers} of {processor.WorkerLimit}, batches waiting "
                    + $"{processor.WaitingBatches}");
            if (processor.MedianLatency > options.MaxLatency)
                complaints.Add(Complaint(processor, "half of the webhooks take", processor.MedianLatency, options.MaxLatency));
            else if (options.MaxPercentile99Latency is { } limit && processor.Percentile99Latency > limit)
                complaints.Add(Complaint(processor, "one webhook in a hundred takes", processor.Percentile99Latency, limit));
        }

        return Task.FromResult(complaints.Count == 0
            ? HealthCheckResult.Healthy("Webhooks get through in time.", data)
            : HealthCheckResult.Degraded(string.Join(' ', complaints), null, data));
    }

    static string Complaint(WebhookProcessorStatistics processor, string who, TimeSpan latency, TimeSpan limit)
    {
        var cure = processor.WaitingBatches > 0
            ? $"{processor.WaitingBatches} batches wait for {processor.WorkerLimit} workers: raise AutoScale's maximum, or start more "
            + "processes."
            : "No batch waits for a worker: the queue, the batch time limit or what the processor calls is slow; compare "
            + "masstransit.webhooks.processing.duration.";
        return string.Create(CultureInfo.InvariantCulture,
            $"{processor.Processor}: {who} {latency.TotalMilliseconds:0.0} ms or more from received to processed, more than "
                + $"{limit.TotalMilliseconds:0.###} ms. {cure}");
    }
}
