using System.Diagnostics;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Decides by this process's monotonic clock whether a lease still holds, from the last call that has confirmed it. Only the server knows
/// whether another receiver has the message, but it cannot tell that to a process that was frozen or is cut off.
/// </summary>
internal sealed class LeaseClock(TimeSpan lease)
{
    readonly long _lease = (long)(lease.TotalSeconds * Stopwatch.Frequency);
    TaskCompletionSource _round = NewRound();
    long _outage;

    /// <summary>Raised when a worker waits for a renewal and the next round must come at once.</summary>
    public event Action? RenewalWanted;

    /// <summary>Completes with the next round of renewals, with any result.</summary>
    public Task NextRound => Volatile.Read(ref _round).Task;

    /// <summary>
    /// True if a message may begin. After the end of its lease it waits for the next renewal, which decides whether the lease still exists.
    /// </summary>
    public bool MayBegin(Delivery delivery) => Stopwatch.GetTimestamp() - delivery.ConfirmedAt < _lease;

    /// <summary>
    /// True if a consumer at work must be cancelled, because another receiver may have its message. Time in which the server served no
    /// client does not count: otherwise every long outage would cancel work whose messages no other process can get.
    /// </summary>
    public bool IsOver(Delivery delivery) => Stopwatch.GetTimestamp() - delivery.ConfirmedAt - Volatile.Read(ref _outage) >= _lease;

    /// <summary>Sets how long the server is known to have been down since the last renewal.</summary>
    public void SetOutage(long ticks) => Volatile.Write(ref _outage, ticks);

    public void WantRenewal() => RenewalWanted?.Invoke();

    public void EndRound() => Interlocked.Exchange(ref _round, NewRound()).TrySetResult();

    static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
