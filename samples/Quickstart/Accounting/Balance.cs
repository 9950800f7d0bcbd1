namespace Quickstart.Accounting;

/// <summary>Compares what happened with what had to: each webhook by its id.</summary>
public sealed class Balance
{
    Balance()
    {
    }

    public int Sent { get; private init; }

    public int Accepted { get; private init; }

    public int Processed { get; private init; }

    public int DeadLettered { get; private init; }

    public int Refused { get; private init; }

    public int Repeats { get; private init; }

    /// <summary>Delivered more than once, which at-least-once delivery allows: normally none.</summary>
    public int ProcessedTwice { get; private init; }

    /// <summary>Empty when every webhook is accounted for.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    public static Balance Of(Ledger ledger)
    {
        var entries = ledger.Entries;
        return new Balance
        {
            Sent = entries.Count,
            Accepted = entries.Count(x => x.IsAccepted),
            Processed = entries.Count(x => x is { IsAccepted: true, Settled: > 0, IsDeadLettered: false }),
            DeadLettered = entries.Count(x => x is { IsAccepted: true, Settled: > 0, IsDeadLettered: true }),
            Refused = entries.Count(x => x.Status == 401),
            Repeats = entries.Count(x => x.RepeatStatus == 200),
            ProcessedTwice = entries.Count(x => x.Settled > 1),
            Problems = [.. entries.Select(Problem).OfType<string>()],
        };
    }

    static string? Problem(LedgerEntry entry) => entry switch
    {
        { Fate: Fate.WronglySigned, Settled: > 0 } => $"{entry.Id} was signed with a wrong secret, and processed",
        { Fate: Fate.WronglySigned, Status: not 401 } => $"{entry.Id} was signed with a wrong secret, and answered {entry.Status}",
        { Fate: Fate.WronglySigned } => null,
        { IsAccepted: false } => $"{entry.Id} was not accepted, but answered {entry.Status}",
        { Settled: 0 } => $"{entry.Id} was accepted, but is not processed{(entry.IsDeadLettered ? ": it is a dead letter" : "")}",
        { RepeatStatus: not (0 or 200) } => $"{entry.Id} was sent again, and answered {entry.RepeatStatus} instead of 200",
        _ when entry.Fate.IsDeadLetter() != entry.IsDeadLettered =>
            entry.IsDeadLettered
                ? $"{entry.Id} became a dead letter, but its processor succeeded"
                : $"{entry.Id} never became a dead letter, but its processor failed",
        _ => null,
    };
}
