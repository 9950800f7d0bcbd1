namespace Quickstart.Accounting;

/// <summary>What is known of one webhook: what shall happen to it, and what did.</summary>
public sealed class LedgerEntry(string id, Fate fate)
{
    int _status;
    int _repeatStatus;
    int _settled;
    volatile bool _deadLettered;

    public string Id => id;

    public Fate Fate => fate;

    /// <summary>The ingress's answer; 0: none yet.</summary>
    public int Status => Volatile.Read(ref _status);

    /// <summary>The ingress's answer to the same webhook sent again; 0: it was not.</summary>
    public int RepeatStatus => Volatile.Read(ref _repeatStatus);

    public bool IsAccepted => Status == 202;

    /// <summary>How often a processor was done with it.</summary>
    public int Settled => Volatile.Read(ref _settled);

    /// <summary>It was found among the dead letters.</summary>
    public bool IsDeadLettered
    {
        get => _deadLettered;
        set => _deadLettered = value;
    }

    public void Answered(int status) => Volatile.Write(ref _status, status);

    public void RepeatAnswered(int status) => Volatile.Write(ref _repeatStatus, status);

    public void Settle() => Interlocked.Increment(ref _settled);
}
