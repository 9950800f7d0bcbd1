using static System.FormattableString;

namespace MassTransit.RedisTransport.Health;

/// <summary>What is wrong with a queue by its receivers and by what has happened in the last hour.</summary>
internal static class TrendRules
{
    /// <summary>How long messages may wait without a receiver. A deploy takes less.</summary>
    static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(30);

    /// <summary>From which age of the oldest message on a queue is late.</summary>
    static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>How far back trends are looked at.</summary>
    static readonly TimeSpan Trend = TimeSpan.FromMinutes(10);

    /// <summary>How long a crash is told of.</summary>
    static readonly TimeSpan Recent = TimeSpan.FromMinutes(15);

    /// <summary>How many further dead letters within <see cref="Trend"/> are a trend. One alone happens every day.</summary>
    const long ManyLetters = 10;

    public static IEnumerable<RedisFinding> Judge(QueueState queue)
    {
        var receivers = queue.Receivers ?? [];
        RedisReceiver[] alive = [.. receivers.Where(x => x.IsAlive)], vanished = [.. receivers.Where(x => !x.IsAlive)];
        var unattended = queue is { Ready: > 0, Leased: 0, IsPaused: false } && alive.Length == 0 && queue.OldestAge > LongestGap;
        if (unattended)
            yield return Unattended(queue, vanished);
        else if (queue is { Ready: > 0, IsPaused: false } && queue.OldestAge > Late
            && queue.Before(Trend / 2)?.OldestAge is var earlier && !(earlier >= queue.OldestAge))
            yield return IsLate(queue, isKnown: earlier is not null);

        if (queue.Before(Trend) is { } then && queue.DeadLetters - then.DeadLetters >= ManyLetters)
            yield return Rising(queue, then);
        if (queue.History.Where(x => x.Minute > queue.Now - Recent).Sum(x => x.Reclaimed) is > 0 and var reclaimed)
            yield return Reclaimed(queue, reclaimed, vanished);
        else if (vanished.Length > 0 && !unattended)
            yield return Vanished(queue, vanished, alive.Length);
        if (queue is { Ready: > 0, IsPaused: false } && alive.Length > 0 && Array.TrueForAll(alive, IsBusy))
            yield return Busy(queue, alive);
    }

    static bool IsBusy(RedisReceiver receiver) => receiver is { WorkerLimit: > 0, WaitingBatches: > 0 }
        && receiver.ActiveWorkers >= receiver.WorkerLimit;

    static RedisFinding Unattended(QueueState queue, RedisReceiver[] vanished)
    {
        var last = vanished.MaxBy(x => x.LastBeat);
        return new RedisFinding
        {
            Id = RedisFindingIds.QueueUnattended,
            Severity = RedisFindingSeverity.Unhealthy,
            Queue = queue.Queue,
            Sentence = Invariant($"{queue.Queue}: {queue.Ready:N0} messages wait, the oldest for {Age(queue.OldestAge)}, and nobody ")
                + "receives them"
                + (last is null ? "." : $"; the last receiver, {last.DisplayName}, was last heard of {Age(last.Silence)} ago."),
            Since = last?.LastBeat ?? queue.Now - queue.OldestAge,
            Cure = "Start the process that has this endpoint, or look in its log for why it ended. If nobody needs the queue any more, "
                + "delete it.",
            Command = $"mtq queue show {queue.Queue}",
        };
    }

    static RedisFinding IsLate(QueueState queue, bool isKnown) => new()
    {
        Id = RedisFindingIds.QueueLate,
        Severity = RedisFindingSeverity.Degraded,
        Queue = queue.Queue,
        Sentence = Invariant($"{queue.Queue}: the oldest of {queue.Ready:N0} messages has waited for {Age(queue.OldestAge)}")
            + (isKnown ? ", and it gets worse." : "."),
        Since = queue.Since(x => x.OldestAge > Late) ?? queue.Now - (queue.OldestAge - Late),
        Cure = "See whether what the consumers call has become slow, and start more workers or raise their number.",
        Command = $"mtq queue show {queue.Queue}",
    };

    static RedisFinding Rising(QueueState queue, RedisQueueMinute then) => new()
    {
        Id = RedisFindingIds.DeadLettersRising,
        Severity = RedisFindingSeverity.Degraded,
        Queue = queue.Queue,
        DeadLetterQueue = queue.DeadLetterQueue,
        Sentence = Invariant($"{queue.Queue}: {queue.DeadLetters - then.DeadLetters:N0} more dead letters than ")
            + Invariant($"{Age(queue.Now - then.Minute)} ago, {queue.DeadLetters:N0} in all."),
        Since = queue.Since(x => x.DeadLetters > then.DeadLetters) ?? then.Minute,
        Cure = "Mend what their exceptions name. Until then pausing the queue keeps further messages from failing.",
        Command = $"mtq dead groups {queue.DeadLettersOf}",
    };

    static RedisFinding Reclaimed(QueueState queue, long reclaimed, RedisReceiver[] vanished) => new()
    {
        Id = RedisFindingIds.LeasesReclaimed,
        Severity = RedisFindingSeverity.Degraded,
        Queue = queue.Queue,
        Sentence = Invariant($"{queue.Queue}: {reclaimed:N0} messages were taken back in the last {Age(Recent)} from leases that had ")
            + "ended" + (vanished.Length == 0 ? ": a consumer crashed or froze." : $": {Names(vanished)}."),
        Since = queue.History.FirstOrDefault(x => x.Minute > queue.Now - Recent && x.Reclaimed > 0)?.Minute,
        Cure = "Look in the log of that process for its end, for memory that ran out, or for long pauses; LeaseDuration must be above the "
            + "longest freeze.",
        Command = $"mtq workers {queue.Queue}",
    };

    static RedisFinding Vanished(QueueState queue, RedisReceiver[] vanished, int alive) => new()
    {
        Id = RedisFindingIds.ReceiverVanished,
        Severity = alive == 0 ? RedisFindingSeverity.Degraded : RedisFindingSeverity.Note,
        Queue = queue.Queue,
        Sentence = $"{queue.Queue}: {Names(vanished)}; "
            + (alive == 0 ? "nobody else receives." : Invariant($"{alive:N0} others receive.")),
        Since = vanished.Min(x => x.LastBeat),
        Cure = "It was not stopped: look in its log, and whether it can reach Redis.",
        Command = $"mtq workers {queue.Queue}",
    };

    static RedisFinding Busy(QueueState queue, RedisReceiver[] alive) => new()
    {
        Id = RedisFindingIds.WorkersBusy,
        Severity = RedisFindingSeverity.Note,
        Queue = queue.Queue,
        Sentence = Invariant($"{queue.Queue}: all {alive.Sum(x => x.WorkerLimit):N0} workers are busy, ")
            + Invariant($"{alive.Sum(x => x.WaitingBatches ?? 0):N0} batches wait for one, and {queue.Ready:N0} messages in the queue."),
        Cure = "Raise the number of workers if what they call can take more, or start another process.",
        Command = $"mtq queue workers {queue.Queue} {2 * alive.Max(x => x.WorkerLimit)}",
    };

    /// <summary>At most three names, so that the sentence stays one.</summary>
    static string Names(RedisReceiver[] receivers) =>
        string.Join(", ", receivers.OrderBy(x => x.Silence).Take(3).Select(x => $"{x.DisplayName} vanished {Age(x.Silence)} ago"))
        + (receivers.Length > 3 ? Invariant($" and {receivers.Length - 3:N0} others") : "");

    static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 120 } => Invariant($"{age.TotalSeconds:0} s"),
        { TotalMinutes: < 120 } => Invariant($"{age.TotalMinutes:0} min"),
        { TotalHours: < 48 } => Invariant($"{age.TotalHours:0} h"),
        _ => Invariant($"{age.TotalDays:0} days"),
    };
}
