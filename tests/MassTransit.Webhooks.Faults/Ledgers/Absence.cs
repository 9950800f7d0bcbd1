namespace MassTransit.Webhooks.Faults.Ledgers;

/// <summary>A time in which a worker could reach no server: no lease of it was renewed.</summary>
/// <param name="Worker">Which; <c>null</c>: all.</param>
/// <param name="From">Monotonic.</param>
/// <param name="To">Monotonic.</param>
internal sealed record Absence(int? Worker, long From, long To)
{
    /// <summary>
    /// True where the worker began when every lease that it had had when it was cut off had ended, and it could have no other.
    /// </summary>
    public bool HasNoLease(Begin begin, long lease) =>
        (Worker is null || Worker == begin.Worker) && begin.At > From + lease && begin.At < To;
}
