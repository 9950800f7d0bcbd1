namespace MassTransit.Webhooks;

/// <summary>
/// The state of the queues of webhooks, for all processes together. It is read from counters, so it costs a busy queue nothing.
/// </summary>
public sealed record WebhookQueueMetrics
{
    /// <summary>Webhooks that wait for a processor.</summary>
    public long QueueSize { get; init; }

    /// <summary>Webhooks that are being processed or wait in a batch.</summary>
    public long Processing { get; init; }

    /// <summary>Webhooks that wait for their redelivery time.</summary>
    public long Delayed { get; init; }

    /// <summary>Webhooks that have failed for good and wait for an operator.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Webhooks that were consumed since their queue was created. A webhook for two processors counts twice.</summary>
    public long Completed { get; init; }

    /// <summary>The same figures for each queue.</summary>
    public IReadOnlyList<WebhookQueueCounts> Queues { get; init; } = [];
}

/// <summary>The state of one queue.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="QueueSize">Webhooks that wait for a processor.</param>
/// <param name="Processing">Webhooks that are being processed or wait in a batch.</param>
/// <param name="Delayed">Webhooks that wait for their redelivery time.</param>
/// <param name="DeadLetters">Webhooks that have failed for good.</param>
/// <param name="Completed">Webhooks consumed since the queue was created.</param>
public sealed record WebhookQueueCounts(string Queue, long QueueSize, long Processing, long Delayed, long DeadLetters, long Completed);
