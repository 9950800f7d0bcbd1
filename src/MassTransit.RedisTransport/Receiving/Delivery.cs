using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Receiving;

internal enum DeliveryState
{
    /// <summary>Leased, waiting for a consumer or being consumed.</summary>
    Held,

    /// <summary>Being moved, taken apart, put off or given back: a lease that a renewal does not find now is not lost.</summary>
    Leaving,

    /// <summary>Consumed; the acknowledgement is on its way.</summary>
    Settling,

    /// <summary>The lease ended before the consumer did.</summary>
    Lost,

    /// <summary>Acknowledged, moved or given back.</summary>
    Done,
}

/// <summary>One leased message in this process. Its window guards every change of state.</summary>
internal sealed class Delivery(LeasedMessage message, ulong sequence, long leasedAt, ILeaseHolder holder) : ISettleListener
{
    long _confirmedAt = leasedAt;

    public LeasedMessage Message { get; } = message;

    /// <summary>Orders deliveries as the queue does: the lower, the sooner.</summary>
    public ulong Sequence { get; } = sequence;

    /// <summary>Adds the payloads that its consumer is to find, if it was split off another message in this process (<see cref="RedisReceiveContext.SplitAsync"/>).</summary>
    public Action<ReceiveContext>? Prepare { get; init; }

    /// <summary>When the call that leased the message was made, by this process's monotonic clock.</summary>
    public long LeasedAt { get; } = leasedAt;

    /// <summary>When the last call was made that the server has confirmed the lease by: it ends no sooner than a lease after this.</summary>
    public long ConfirmedAt
    {
        get => Volatile.Read(ref _confirmedAt);
        set => Volatile.Write(ref _confirmedAt, value);
    }

    /// <summary>True once its consumer was told that the lease is over, by the server or by the clock.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The server's clock when the message was leased, ms since 2024-01-01.</summary>
    public long ServerTime { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>While a consumer works on it: what is cancelled when the lease is lost.</summary>
    public RedisReceiveContext? Context { get; set; }

    public void OnSettled(bool leaseLost, Exception? error) => holder.OnSettled(this, leaseLost, error);
}
