using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Receiving;

internal enum DeliveryState
{
    /// <summary>It is leased and waits for a consumer or is being consumed.</summary>
    Held,

    /// <summary>It is being moved, split, put off or returned. If a renewal does not find its lease now, the lease is not lost.</summary>
    Leaving,

    /// <summary>It is consumed, and the acknowledgement is on its way.</summary>
    Settling,

    /// <summary>Its lease has ended before its consumer did.</summary>
    Lost,

    /// <summary>It is acknowledged, moved or returned.</summary>
    Done,
}

/// <summary>One leased message in this process. The lock of its window guards every change of state.</summary>
internal sealed class Delivery(LeasedMessage message, ulong sequence, long leasedAt, ILeaseHolder holder) : ISettleListener
{
    long _confirmedAt = leasedAt;

    public LeasedMessage Message { get; } = message;

    /// <summary>The position in the order of the queue. Lower ones come first.</summary>
    public ulong Sequence { get; } = sequence;

    /// <summary>
    /// Adds payloads for its consumer, if it was split off another message in this process (<see cref="RedisReceiveContext.SplitAsync"/>).
    /// </summary>
    public Action<ReceiveContext>? Prepare { get; init; }

    /// <summary>When the lease call began, by this process's monotonic clock.</summary>
    public long LeasedAt { get; } = leasedAt;

    /// <summary>When the last call began that has confirmed the lease. The lease lasts at least its duration from then on.</summary>
    public long ConfirmedAt
    {
        get => Volatile.Read(ref _confirmedAt);
        set => Volatile.Write(ref _confirmedAt, value);
    }

    /// <summary>True after its consumer was cancelled because the lease is over, by the server or by the clock.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The server's clock when the message was leased, ms since 2024-01-01.</summary>
    public long ServerTime { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>The receive context while a consumer works on it. It is cancelled if the lease is lost.</summary>
    public RedisReceiveContext? Context { get; set; }

    public void OnSettled(bool leaseLost, Exception? error) => holder.OnSettled(this, leaseLost, error);
}
