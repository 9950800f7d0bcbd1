using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>
/// Sets the number of workers once in each interval: more while batches wait and the last step up has increased the throughput, one step
/// back if it has not, and fewer if workers are idle.
/// </summary>
internal sealed class AutoScaler : IAsyncDisposable
{
    /// <summary>
    /// The default interval. It is long enough for a step to show in the throughput, and short enough to follow a change of load.
    /// </summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The share of the ideal gain (throughput in proportion to the workers) that a step up must bring. A smaller gain is noise, or the
    /// step does harm.
    /// </summary>
    const double MinimumGain = 0.2;

    /// <summary>How many intervals pass before a step that brought no gain is tried again. The load may have changed by then.</summary>
    const int RestIntervals = 10;

    readonly WorkerLimit _workers;
    readonly ProcessorCounters _counters;
    readonly TimeSpan _interval;
    readonly FirstFailure? _failures;
    readonly ITimer _timer;
    long _lastProcessed;
    double _throughputBefore;
    int _limitBefore;
    int _rest;
    volatile bool _isPaused;
    bool _wasPaused;

    public AutoScaler(WorkerLimit workers, ProcessorCounters counters, TimeProvider time, TimeSpan interval, FirstFailure? failures = null)
    {
        _workers = workers;
        _counters = counters;
        _interval = interval;
        _failures = failures;
        _timer = time.CreateTimer(static state => ((AutoScaler)state!).StepSafely(), this, interval, interval);
    }

    /// <summary>
    /// True while the queue is paused. Nothing is decided then: the workers are idle because they may not work, and go on afterwards from
    /// where they were.
    /// </summary>
    public bool IsPaused
    {
        set => _isPaused = value;
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    /// <summary>
    /// Catches all exceptions, because an exception in a timer's callback ends the process, and the listener of a metric may throw.
    /// </summary>
    void StepSafely()
    {
        try
        {
            Step();
            _failures?.Passed("scaling");
        }
        catch (Exception exception)
        {
            _failures?.Report("scaling", exception);
        }
    }

    /// <summary>Makes one decision.</summary>
    internal void Step()
    {
        var processed = _counters.Processed;
        var throughput = (processed - _lastProcessed) / _interval.TotalSeconds;
        _lastProcessed = processed;
        // The first interval after a pause is no measure either.
        var wasPaused = _wasPaused;
        _wasPaused = _isPaused;
        if (_isPaused || wasPaused)
        {
            _limitBefore = 0;
            return;
        }

        var limit = _workers.Limit;

        if (_limitBefore > 0)
        {
            // Checks the gain of the step before this interval.
            var step = ((double)limit / _limitBefore) - 1;
            var paid = throughput > _throughputBefore * (1 + (step * MinimumGain));
            if (!paid && limit > _limitBefore)
            {
                _workers.Resize(_limitBefore);
                _counters.Meter?.Scaled("back");
                _limitBefore = 0;
                _rest = RestIntervals;
                return;
            }

            _limitBefore = 0;
        }

        if (_workers.Waiting == 0)
        {
            if (_workers.Active < limit / 2 && limit > _workers.Min)
            {
                _workers.Resize(limit - Math.Max(1, limit / 4));
                _counters.Meter?.Scaled("down");
            }

            return;
        }

        if (_rest > 0)
        {
            _rest--;
            return;
        }

        if (limit >= _workers.Max)
            return;

        _throughputBefore = throughput;
        _limitBefore = limit;
        _workers.Resize(limit + Math.Max(1, limit / 4));
        _counters.Meter?.Scaled("up");
    }
}
