namespace MassTransit.Webhooks.Faults.Ledgers;

/// <summary>What became of all ids of one kind.</summary>
internal sealed record Counts
{
    public int Confirmed { get; init; }

    /// <summary>Never confirmed to their sender.</summary>
    public int Refused { get; init; }

    /// <summary>Of those, processed all the same: stored, and the confirmation did not arrive.</summary>
    public int RefusedAndRun { get; init; }

    /// <summary>Confirmed, and never processed.</summary>
    public int Lost { get; init; }

    /// <summary>Of those, confirmed when the fault was over: no property of Redis explains it.</summary>
    public int LostLater { get; init; }

    /// <summary>Completed runs beyond the first of each id.</summary>
    public int RunTwice { get; init; }

    /// <summary>Of those, of ids that were first begun when the fault was over: no worker had them in hand.</summary>
    public int RunTwiceLater { get; init; }

    /// <summary>Begun when the lease had ended, or another worker had a later one.</summary>
    public int WithoutLease { get; init; }

    /// <summary>The longest time without a confirmation while the senders were at work.</summary>
    public TimeSpan SenderOutage { get; init; }

    /// <summary>The longest time without an end while the senders were at work.</summary>
    public TimeSpan ReceiverOutage { get; init; }
}
