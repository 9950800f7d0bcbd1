namespace MassTransit.Webhooks;

/// <summary>How the queues of the webhooks stand, in all processes together. Read from counters: it costs a busy queue nothing.</summary>
public sealed record WebhookQueueMetrics
{
    /// <summary>Webhooks that wait for a processor.</summary>
    public long QueueSize { get; init; }

    /// <summary>Webhooks that processors work on, or hold for a batch.</summary>
    public long Processing { get; init; }

    /// <summary>Webhooks whose time has not come: redeliveries.</summary>
    public long Delayed { get; init; }

    /// <summary>Webhooks given up, which wait for an operator.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Webhooks consumed since their queue was created. One that two processors subscribe to counts twice.</summary>
    public long Completed { get; init; }

    /// <summary>The same for each queue.</summary>
    public IReadOnlyList<WebhookQueueCounts> Queues { get; init; } = [];
}

/// <summary>How one queue stands.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="QueueSize">Webhooks that wait for a processor.</param>
/// <param name="Processing">Webhooks that processors work on, or hold for a batch.</param>
/// <param name="Delayed">Webhooks whose time has not come.</param>
/// <param name="DeadLetters">Webhooks given up.</param>
/// <param name="Completed">Webhooks consumed since the queue was created.</param>
public sealed record WebhookQueueCounts(string Queue, long QueueSize, long Processing, long Delayed, long DeadLetters, long Completed);
