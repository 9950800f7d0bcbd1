using MassTransit.Webhooks;

namespace Snippets;

public static class HowItStands
{
    public static async Task PrintAsync(IWebhookQueue webhooks, IWebhookStatistics statistics)
    {
        var metrics = await webhooks.GetMetricsAsync();
        Console.WriteLine($"{metrics.QueueSize} wait, {metrics.Processing} in processing, {metrics.Delayed} delayed, "
            + $"{metrics.DeadLetters} dead, {metrics.Completed} completed");

        foreach (var x in statistics.Read())
            Console.WriteLine($"{x.Processor}: {x.Throughput:0}/s, p50 {x.MedianLatency}, p99 {x.Percentile99Latency}, "
                + $"{x.ActiveWorkers} of {x.WorkerLimit} workers, {x.WaitingBatches} batches wait");
    }
}
