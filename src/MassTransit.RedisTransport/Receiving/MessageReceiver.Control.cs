using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>The part that obeys what operators have set for the queue.</summary>
internal sealed partial class MessageReceiver
{
    readonly QueueOrders _orders;
    LeaseControl _control;
    long _obeyed;
    volatile bool _isPaused;
    volatile bool _isLimited;
    // The followers may still have what an earlier run of the endpoint has told them.
    volatile bool _mustResize = true;

    /// <summary>
    /// Called when a message has left while a limit is set, because the next one is allowed then. It must not block.
    /// </summary>
    public event Action? Left;

    /// <summary>Called when it obeys another version of what operators have set. It must not block.</summary>
    public event Action? Obeyed;

    /// <summary>How many messages it holds and consumes at a time.</summary>
    public WindowSize Size => _window.Size;

    /// <summary>The version of what operators have set that it obeys; 0 if nothing was ever set.</summary>
    public long ControlVersion => Interlocked.Read(ref _obeyed);

    /// <summary>Ends the wait for room, so that what operators have set is looked at.</summary>
    public void Look() => _window.Look();

    /// <summary>Begins to follow: those that hold messages behind this receiver may come and go while it runs.</summary>
    void OnFollowersChanged()
    {
        _mustResize = true;
        Look();
    }

    /// <summary>
    /// Obeys what a lease call has reported, before the messages of that call are accepted. During a pause it gives back what no consumer
    /// has begun. It is called by one thread at a time.
    /// </summary>
    public async ValueTask ObeyAsync(LeaseControl control)
    {
        if (control == _control && !_mustResize)
            return;

        _mustResize = false;
        var wasPaused = _isPaused;
        _control = control;
        _isPaused = control.IsPaused;
        _isLimited = control.Limit > 0;
        StartWorkers(_window.Resize(_configured.Under(control, _orders.Set(control))));
        if (control.IsPaused)
        {
            var unstarted = _window.TakeUnstarted();
            if (!wasPaused)
                LogMessages.Paused(_logger, Queue.Name.Value, unstarted.Sum(x => x.Message.Key.MessageCount));
            await GiveBackAsync(unstarted, TimeSpan.Zero, failedDelivery: false, CancellationToken.None).ConfigureAwait(false);
        }
        else if (wasPaused)
        {
            LogMessages.Resumed(_logger, Queue.Name.Value);
        }

        if (Interlocked.Exchange(ref _obeyed, control.Version) != control.Version)
            Obeyed?.Invoke();
    }

    /// <inheritdoc/>
    public async Task GiveBackAsync(Delivery delivery)
    {
        if (!_window.TryLeave(delivery))
            return;

        try
        {
            await Queue.GiveBackAsync(delivery.Message.Lease).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The lease expires by itself.
            LogMessages.ReleaseFailed(_logger, Queue.Name.Value, 1, exception);
        }

        _window.End(delivery, DeliveryState.Done);
        OnLeft();
    }

    void OnLeft()
    {
        if (_isLimited)
            Left?.Invoke();
    }
}
