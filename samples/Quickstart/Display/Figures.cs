using System.Diagnostics;
using MassTransit.Webhooks;
using Quickstart.Accounting;
using Quickstart.Sending;

namespace Quickstart.Display;

/// <summary>One look at everything.</summary>
/// <param name="Answered">Webhooks that the ingress has answered.</param>
/// <param name="Settled">Webhooks that the processor is done with.</param>
/// <param name="PerSecond">Webhooks the processor was done with in each second since the first.</param>
/// <param name="Processor">What the processor says of itself; <c>null</c> before its first webhook.</param>
/// <param name="Queue">What lies in its queue.</param>
sealed record Figures(int Answered, int Settled, double PerSecond, WebhookProcessorStatistics? Processor, WebhookQueueMetrics Queue)
{
    public static int Total => WebhookPlan.Count;
}

/// <summary>Asks the ledger, the processor's statistics and the queue.</summary>
sealed class FigureReader(Ledger ledger, IWebhookStatistics statistics, IWebhookQueue queue)
{
    readonly long _started = Stopwatch.GetTimestamp();

    public async Task<Figures> ReadAsync()
    {
        var processor = statistics.Read().SingleOrDefault();
        var metrics = await queue.GetMetricsAsync();
        return new Figures(ledger.Answered, ledger.Settled, ledger.Settled / Stopwatch.GetElapsedTime(_started).TotalSeconds, processor,
            metrics);
    }
}
