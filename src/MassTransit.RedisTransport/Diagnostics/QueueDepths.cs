using System.Diagnostics.Metrics;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>The depths of one consumed queue at the last reading.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Ready">Messages that are ready for a consumer.</param>
/// <param name="Delayed">Messages that are delayed.</param>
/// <param name="Leased">Messages that are leased to consumers.</param>
/// <param name="Errors">Messages in its error queue.</param>
/// <param name="Skipped">Messages in its queue of skipped messages.</param>
/// <param name="OldestAge">How long the oldest ready message has waited; zero if there is none.</param>
internal sealed record QueueDepths(string Queue, long Ready, long Delayed, long Leased, long Errors, long Skipped, TimeSpan OldestAge)
{
    public long DeadLetters => Errors + Skipped;

    /// <summary>True if the queue is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many messages may be leased in all processes together; <c>null</c>: any number.</summary>
    public int? Limit { get; init; }

    public IEnumerable<Measurement<long>> States =>
    [
        new(Ready, Tag, new("state", "ready")), new(Delayed, Tag, new("state", "delayed")), new(Leased, Tag, new("state", "leased")),
    ];

    public IEnumerable<Measurement<long>> Dead => [new(Errors, Tag, new("kind", "error")), new(Skipped, Tag, new("kind", "skipped"))];

    public IEnumerable<Measurement<double>> Oldest => [new(OldestAge.TotalSeconds, Tag)];

    public IEnumerable<Measurement<int>> Paused => [new(IsPaused ? 1 : 0, Tag)];

    public IEnumerable<Measurement<int>> Limits => Limit is { } limit ? [new(limit, Tag)] : [];

    KeyValuePair<string, object?> Tag => new("queue", Queue);
}
