using MassTransit.Webhooks.Faults.Ledgers;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults.Report;

/// <summary>One fault under one setting, and what became of every id.</summary>
internal sealed record Row
{
    public required string Group { get; init; }

    public required string Scenario { get; init; }

    public required string Fault { get; init; }

    public string Setting { get; init; } = "";

    /// <summary>Why this may lose what was confirmed; <c>null</c>: it must not.</summary>
    public Reason? MayLose { get; init; }

    /// <summary>Why this may run more than was in hand; <c>null</c>: it must not.</summary>
    public Reason? MayRepeat { get; init; }

    /// <summary>How many workers lost what they had in hand, each time counted; by default both, once.</summary>
    public int Hands { get; init; } = 2;

    public IReadOnlyDictionary<Kind, Counts> Kinds { get; init; } = new Dictionary<Kind, Counts>();

    /// <summary>What was in work or leased when the fault began.</summary>
    public long InHand { get; init; }

    /// <summary>What ended in an error queue.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Why it was not run on this machine.</summary>
    public string? LeftOut { get; init; }

    /// <summary>What senders were told most often.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>What broke a promise.</summary>
    public IReadOnlyList<string> Violations { get; init; } = [];

    public int Sum(Func<Counts, int> count) => Kinds.Values.Sum(count);

    public TimeSpan Longest(Func<Counts, TimeSpan> time) => Kinds.Count == 0 ? TimeSpan.Zero : Kinds.Values.Max(time);

    /// <summary>
    /// Counts alone decide, never a time. Workers go on between the reading of what is in hand and the fault, so more runs are judged by
    /// what workers can hold at most; a webhook that was under way at the fault may be repeated by its sender besides, and nothing else
    /// may.
    /// </summary>
    public IEnumerable<string> Judge()
    {
        if (Sum(x => x.Lost) is > 0 and var lost && MayLose is null)
            yield return $"{lost} confirmed messages were lost";
        if (Sum(x => x.LostLater) is > 0 and var later)
            yield return $"{later} messages were lost that were confirmed when the fault was over";
        var limit = Hands * WorkerOptions.Capacity + Senders.UnderWay;
        if (Sum(x => x.RunTwice) is var twice && twice > limit && MayRepeat is null)
            yield return $"{twice} runs beyond the first, where workers had at most {limit} in hand";
        if (Sum(x => x.RunTwiceLater) is var again && again > Senders.UnderWay && MayRepeat is null)
            yield return $"{again} runs beyond the first of what no worker had in hand, where {Senders.UnderWay} webhooks were under way "
                + "at most";
        // A process can be stopped between the look at the lease and the processor's first line: a batch on each of two cores.
        if (Sum(x => x.WithoutLease) is > 2 * WorkerOptions.BatchSize and var begun)
            yield return $"{begun} messages were begun without a lease";
        if (DeadLetters > 0)
            yield return $"{DeadLetters} messages ended in an error queue, and none had failed";
    }
}
