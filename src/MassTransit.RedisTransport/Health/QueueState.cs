using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Health;

/// <summary>What the rules know of a queue. The health check knows the first part of it, the findings for operators all.</summary>
internal sealed record QueueState
{
    public required string Queue { get; init; }

    public long Ready { get; init; }

    public long Leased { get; init; }

    public long DeadLetters { get; init; }

    /// <summary>Of the dead letters, those that have failed and those that were skipped; <c>null</c> if it is not known apart.</summary>
    public (long Failed, long Skipped)? Kinds { get; init; }

    /// <summary>The queue that most of them lie in; <c>null</c> if it was not asked for.</summary>
    public string? DeadLetterQueue { get; init; }

    public TimeSpan OldestAge { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>What operators have set; <c>null</c> if nothing was ever set, or it was not asked for.</summary>
    public ControlState? Control { get; init; }

    /// <summary>The server's clock.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>All receivers that were heard of in the last ten minutes; <c>null</c> if they were not asked for.</summary>
    public IReadOnlyList<RedisReceiver>? Receivers { get; init; }

    /// <summary>The figures of the last hour, the oldest first.</summary>
    public IReadOnlyList<RedisQueueMinute> History { get; init; } = [];

    /// <summary>What the command line tool is told to show the dead letters of: it finds those of <c>_error</c> by the queue.</summary>
    public string DeadLettersOf => DeadLetterQueue is { } dead && dead != Queue + QueueName.ErrorSuffix ? dead : Queue;

    public static QueueState Of(QueueDepths depths) => new()
    {
        Queue = depths.Queue,
        Ready = depths.Ready,
        Leased = depths.Leased,
        DeadLetters = depths.DeadLetters,
        Kinds = (depths.Errors, depths.Skipped),
        OldestAge = depths.OldestAge,
        IsPaused = depths.IsPaused,
    };

    /// <summary>Since when something has held without a break, as far as the history tells; <c>null</c> if it does not.</summary>
    public DateTimeOffset? Since(Func<RedisQueueMinute, bool> holds)
    {
        DateTimeOffset? since = null;
        for (var i = History.Count - 1; i >= 0 && holds(History[i]); i--)
            since = History[i].Minute;
        return since;
    }

    /// <summary>The last figures that are at least so old; <c>null</c> if there are none.</summary>
    public RedisQueueMinute? Before(TimeSpan age) => History.LastOrDefault(x => x.Minute <= Now - age);
}
