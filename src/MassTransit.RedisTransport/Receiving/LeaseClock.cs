using System.Diagnostics;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Says by this process's monotonic clock whether a lease still holds, from the last call that the server has confirmed it by.
/// The server alone knows whether somebody else holds the message by now, but it cannot tell a process that stood still or is
/// cut off from it.
/// </summary>
internal sealed class LeaseClock(TimeSpan lease)
{
    readonly long _lease = (long)(lease.TotalSeconds * Stopwatch.Frequency);
    TaskCompletionSource _round = NewRound();
    long _outage;

    /// <summary>Somebody waits for a renewal: the next round is to come at once.</summary>
    public event Action? RenewalWanted;

    /// <summary>Ends with the next round of renewals, whatever came of it.</summary>
    public Task NextRound => Volatile.Read(ref _round).Task;

    /// <summary>Past the end of its lease no message begins: it waits for the next renewal, which finds the lease or does not.</summary>
    public bool MayBegin(Delivery delivery) => Stopwatch.GetTimestamp() - delivery.ConfirmedAt < _lease;

    /// <summary>
    /// Past this a consumer at work is to be cancelled: somebody else may have its message. The time in which the server was
    /// there for nobody does not count, or every long outage would end the work of processes that nobody can take it from.
    /// </summary>
    public bool IsOver(Delivery delivery) => Stopwatch.GetTimestamp() - delivery.ConfirmedAt - Volatile.Read(ref _outage) >= _lease;

    /// <summary>For how long, since the last renewal, the server is known to have been down.</summary>
    public void SetOutage(long ticks) => Volatile.Write(ref _outage, ticks);

    public void WantRenewal() => RenewalWanted?.Invoke();

    public void EndRound() => Interlocked.Exchange(ref _round, NewRound()).TrySetResult();

    static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
