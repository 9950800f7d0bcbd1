namespace MassTransit.Webhooks.Faults.Ledgers;

/// <summary>What became of one id. Times are those of the machine's monotonic clock.</summary>
internal sealed class Entry
{
    readonly Lock _gate = new();
    readonly List<Begin> _begins = [];
    readonly List<long> _ends = [];

    public long ConfirmedAt { get; private set; }

    /// <summary>How often its sender was told no, or nothing.</summary>
    public int Refusals { get; private set; }

    public void Confirm(long at)
    {
        lock (_gate)
            ConfirmedAt = at;
    }

    public void Refuse()
    {
        lock (_gate)
            Refusals++;
    }

    public void AddBegin(Begin begin)
    {
        lock (_gate)
            _begins.Add(begin);
    }

    public void AddEnd(long at)
    {
        lock (_gate)
            _ends.Add(at);
    }

    public (IReadOnlyList<Begin> Begins, IReadOnlyList<long> Ends) Read()
    {
        lock (_gate)
            return ([.. _begins.OrderBy(x => x.At)], [.. _ends.Order()]);
    }
}

/// <summary>A consumer was given the message.</summary>
/// <param name="Worker">By which process.</param>
/// <param name="At">When.</param>
/// <param name="Redelivered">The transport said that it had been delivered before.</param>
internal readonly record struct Begin(int Worker, long At, bool Redelivered);
