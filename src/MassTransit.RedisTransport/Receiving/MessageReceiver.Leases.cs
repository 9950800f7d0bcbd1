using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>The part that handles leases while messages are held.</summary>
internal sealed partial class MessageReceiver
{
    /// <inheritdoc cref="DeliveryWindow.HeldSince"/>
    public List<Delivery> HeldSince(long before) => _window.HeldSince(before);

    /// <summary>Renews all held leases after an outage, before new messages are leased.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public async Task RenewAllAsync(CancellationToken cancellationToken)
    {
        var calledAt = Stopwatch.GetTimestamp();
        var held = HeldSince(calledAt);
        if (held.Count == 0)
            return;

        var lost = await Queue.RenewAsync([.. held.Select(x => x.Message.Lease)], _settings.LeaseDuration, cancellationToken)
            .ConfigureAwait(false);
        OnRenewed(held, lost, calledAt);
        Clock.EndRound();
    }

    /// <summary>Applies the result of a renewal, and cancels the consumers of lost leases unless they have finished meanwhile.</summary>
    public void OnRenewed(List<Delivery> held, int[] lost, long calledAt)
    {
        var indexes = lost.Length == 0 ? null : lost.ToHashSet();
        for (var i = 0; i < held.Count; i++)
        {
            if (indexes?.Contains(i) is true)
                OnLeaseLost(held[i]);
            else if (held[i].ConfirmedAt < calledAt)
                held[i].ConfirmedAt = calledAt;
        }
    }

    void OnLeaseLost(Delivery delivery)
    {
        if (!_window.TryLose(delivery, out var consumer))
            return;

        Queue.Meter.LeaseLost();
        LogMessages.LeaseLost(_logger, Queue.Name.Value, delivery.Message.Lease.ToString());
        Cancel(consumer);
    }

    /// <summary>Cancels the consumers whose leases are over by this process's clock.</summary>
    public void CancelOverdue()
    {
        foreach (var delivery in HeldSince(Stopwatch.GetTimestamp() - (long)(_settings.LeaseDuration.TotalSeconds * Stopwatch.Frequency)))
        {
            if (TryTakeOverdue(delivery, out var consumer))
                Cancel(consumer);
        }
    }

    /// <inheritdoc/>
    public bool TryCancelOverdue(Delivery delivery) => TryTakeOverdue(delivery, out _);

    bool TryTakeOverdue(Delivery delivery, [NotNullWhen(true)] out RedisReceiveContext? consumer)
    {
        consumer = null;
        if (delivery.IsCancelled || !Clock.IsOver(delivery) || !_window.TryCancel(delivery, out consumer))
            return false;

        Queue.Meter.LeaseLost();
        LogMessages.LeaseOver(_logger, Queue.Name.Value, delivery.Message.Lease.ToString(), Stopwatch.GetElapsedTime(delivery.ConfirmedAt));
        return true;
    }

    public LeaseLostException LeaseLost(Delivery delivery) => new(
        $"The lease of message {delivery.Message.Lease} in '{Queue.Name}' was lost before its consumer finished: the message was or will "
        + "be delivered again. LeaseDuration must be above the longest freeze of the process.");

    /// <summary>
    /// Waits until it is known whether the lease holds. After its end by the clock of this process, which may have been frozen or cut off,
    /// only a renewal can tell. Returns false if another receiver has the message now, or if the endpoint stops first.
    /// </summary>
    async ValueTask<bool> HoldsAsync(Delivery delivery)
    {
        while (true)
        {
            var round = Clock.NextRound;
            if (!_window.IsHeld(delivery))
                return false;
            if (Clock.MayBegin(delivery))
                return true;
            if (_window.IsStopping || (_isPaused && delivery.Context is null))
            {
                await GiveBackAsync([delivery], TimeSpan.Zero, failedDelivery: false, CancellationToken.None).ConfigureAwait(false);
                return false;
            }

            Clock.WantRenewal();
            await round.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task ValidateAsync(Delivery delivery)
    {
        return Clock.MayBegin(delivery) && delivery.State == DeliveryState.Held ? Task.CompletedTask : WaitAsync();

        async Task WaitAsync()
        {
            if (!await HoldsAsync(delivery).ConfigureAwait(false))
                throw LeaseLost(delivery);
        }
    }

    /// <summary>
    /// Cancels a consumer on a pool thread, or on a separate thread if the pool has none free. Callbacks of the consumer's token may block,
    /// and renewals must go on.
    /// </summary>
    static void Cancel(RedisReceiveContext? context)
    {
        if (context is null)
            return;

        if (ThreadPool.PendingWorkItemCount == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static context => context.CancelSafely(), context, preferLocal: false);
        else
            new Thread(static context => ((RedisReceiveContext)context!).CancelSafely())
            {
                IsBackground = true,
                Name = "MassTransit Redis cancellation"
            }.Start(context);
    }
}
