using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>
/// Decides once an interval how many workers there are: more while batches wait and the last step up brought throughput, one step
/// back where it did not, fewer when workers have nothing to do.
/// </summary>
internal sealed class AutoScaler : IAsyncDisposable
{
    /// <summary>Long enough for a step to show in the throughput, short enough to follow a load.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    /// <summary>What a step up must bring, of what it would bring where workers were all that is missing; less is noise or harm.</summary>
    const double MinimumGain = 0.2;

    /// <summary>After a step that did not pay, it is tried again only after this many intervals: the load may have changed.</summary>
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

    public AutoScaler(WorkerLimit workers, ProcessorCounters counters, TimeProvider time, TimeSpan interval, FirstFailure? failures = null)
    {
        _workers = workers;
        _counters = counters;
        _interval = interval;
        _failures = failures;
        _timer = time.CreateTimer(static state => ((AutoScaler)state!).StepSafely(), this, interval, interval);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    /// <summary>What a timer's callback throws ends the process: a listener to a metric may.</summary>
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

    /// <summary>One decision.</summary>
    internal void Step()
    {
        var processed = _counters.Processed;
        var throughput = (processed - _lastProcessed) / _interval.TotalSeconds;
        _lastProcessed = processed;
        var limit = _workers.Limit;

        if (_limitBefore > 0)
        {
            // The step before this interval: did it pay?
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
