using System.Collections.Concurrent;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>A queue that keeps what it is given, or does what a test says.</summary>
public sealed class RecordingQueue : IWebhookQueue
{
    public ConcurrentQueue<(Webhook Webhook, int Priority)> Received { get; } = [];

    public Func<CancellationToken, Task> Behave { get; set; } = _ => Task.CompletedTask;

    public async Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default)
    {
        await Behave(cancellationToken);
        Received.Enqueue((webhook, priority));
    }

    public Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
