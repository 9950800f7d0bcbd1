using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>Limits how many batches run at a time. It is a semaphore whose size can be changed.</summary>
internal sealed class WorkerLimit(int initial, int min, int max) : IWorkerFigures
{
    readonly Lock _gate = new();
    readonly Queue<TaskCompletionSource> _waiting = new();
    int _limit = initial;
    int _active;

    public int Min => min;

    public int Max => max;

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

    public Task EnterAsync()
    {
        lock (_gate)
        {
            if (_active < _limit)
            {
                _active++;
                return Task.CompletedTask;
            }

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
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

    /// <summary>Changes the limit within its bounds. If the limit becomes lower, surplus workers finish their batch first.</summary>
    public void Resize(int limit)
    {
        lock (_gate)
        {
            _limit = Math.Clamp(limit, min, max);
            Admit();
        }
    }

    void Admit()
    {
        while (_active < _limit && _waiting.TryDequeue(out var waiter))
        {
            _active++;
            waiter.TrySetResult();
        }
    }
}
