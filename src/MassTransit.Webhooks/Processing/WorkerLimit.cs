using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>Limits how many batches run at a time. It is a semaphore whose size can be changed.</summary>
internal sealed class WorkerLimit(int initial, int min, int max) : IWorkerFigures
{
    static readonly Task<bool> Entered = Task.FromResult(true);

    readonly Lock _gate = new();
    readonly Queue<TaskCompletionSource<bool>> _waiting = new();
    int _limit = initial;
    int _min = min;
    int _max = max;
    int _active;

    public int Min
    {
        get
        {
            lock (_gate)
                return _min;
        }
    }

    public int Max
    {
        get
        {
            lock (_gate)
                return _max;
        }
    }

    public int Limit
    {
        get
        {
            lock (_gate)
                return _limit;
        }
    }

    public int Active
    {
        get
        {
            lock (_gate)
                return _active;
        }
    }

    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Whether a batch that enters now would run at once.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
                return _active < _limit && _waiting.Count == 0;
        }
    }

    /// <summary>Waits for a worker. Returns false if all that wait were dismissed meanwhile.</summary>
    public Task<bool> EnterAsync()
    {
        lock (_gate)
        {
            if (_active < _limit)
            {
                _active++;
                return Entered;
            }

            var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter);
            return waiter.Task;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _active--;
            Admit();
        }
    }

    /// <summary>Ends the wait of all that have not entered.</summary>
    public void Dismiss()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var waiter))
                waiter.TrySetResult(false);
        }
    }

    /// <summary>Changes the bounds, and the limit so far as it is outside of them. Surplus workers finish their batch first.</summary>
    public void Bound(int min, int max)
    {
        lock (_gate)
        {
            (_min, _max) = (min, max);
            _limit = Math.Clamp(_limit, min, max);
            Admit();
        }
    }

    /// <summary>Changes the limit within its bounds. If the limit becomes lower, surplus workers finish their batch first.</summary>
    public void Resize(int limit)
    {
        lock (_gate)
        {
            _limit = Math.Clamp(limit, _min, _max);
            Admit();
        }
    }

    void Admit()
    {
        while (_active < _limit && _waiting.TryDequeue(out var waiter))
        {
            _active++;
            waiter.TrySetResult(true);
        }
    }
}
