namespace MassTransit.RedisTransport.Receiving;

/// <summary>The part that operators change while the endpoint runs.</summary>
internal sealed partial class DeliveryWindow
{
    /// <summary>How many messages it may hold and run at a time.</summary>
    public WindowSize Size
    {
        get
        {
            lock (_gate)
                return _size;
        }
    }

    /// <summary>Ends the wait for room, or the next one, so that the receiver looks what operators have set.</summary>
    public void Look()
    {
        lock (_gate)
            _mustLook = true;
        _slots.Set();
    }

    /// <summary>
    /// Changes how many messages it may hold and run. Returns how many workers must be started. Of too many workers each ends with its
    /// message.
    /// </summary>
    public int Resize(WindowSize size)
    {
        lock (_gate)
        {
            _size = size;
            OnChanged();
            return Startable();
        }
    }

    /// <summary>
    /// Takes the messages that no consumer has begun, because the queue is paused. Strays stay: no consumer gets them, and back in the
    /// queue they would look like any other message.
    /// </summary>
    public List<Delivery> TakeUnstarted()
    {
        lock (_gate)
        {
            List<Delivery> unstarted = [], strays = [];
            while (_buffer.TryDequeue(out var delivery, out _))
            {
                if (delivery is { State: DeliveryState.Held, Message.Stray: true })
                {
                    strays.Add(delivery);
                    continue;
                }

                _further -= delivery.Message.Key.MessageCount - 1;
                if (delivery.State == DeliveryState.Held)
                    unstarted.Add(delivery);
            }

            foreach (var stray in strays)
                _buffer.Enqueue(stray, stray.Sequence);
            OnChanged();
            return unstarted;
        }
    }
}
