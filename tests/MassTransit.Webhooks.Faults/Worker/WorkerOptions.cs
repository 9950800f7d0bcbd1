using System.Text.Json;

namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>How a worker runs; travels to its process as JSON.</summary>
internal sealed record WorkerOptions
{
    /// <summary>
    /// What a worker with these options holds at most: the prefetched messages, and two batches a worker of the processor and the rest of a
    /// bundle.
    /// </summary>
    public const int Prefetch = 32, ProcessorWorkers = 4, BatchSize = 25, LargestBundle = 100;

    public const string Queue = "work", ProcessorQueue = "hooks";

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    public required string Server { get; init; }

    public required string Prefix { get; init; }

    /// <summary>How long a message or a batch takes, ms.</summary>
    public int Work { get; init; } = 40;

    /// <summary>How many messages are consumed at a time: fewer than are prefetched, so that some always wait.</summary>
    public int Concurrency { get; init; } = 6;

    public static int Capacity => Prefetch + 2 * ProcessorWorkers * BatchSize + LargestBundle;

    public string ToJson() => JsonSerializer.Serialize(this);

    public static WorkerOptions Parse(string json) => JsonSerializer.Deserialize<WorkerOptions>(json)!;
}
