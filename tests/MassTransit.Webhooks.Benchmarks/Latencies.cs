using System.Diagnostics;
using HdrHistogram;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>Latencies in µs, of what is processed.</summary>
internal sealed class Latencies
{
    static readonly long Longest = (long)TimeSpan.FromMinutes(2).TotalMicroseconds;

    TaskCompletionSource _done = new();
    int _missing;

    public LongConcurrentHistogram Histogram { get; } = new(1, Longest, 3);

    public void Reset() => Histogram.Reset();

    public Task Expect(int count)
    {
        _missing = count;
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _done.Task;
    }

    public void Add(long since)
    {
        Histogram.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(since).TotalMicroseconds, 1, Longest));
        if (Interlocked.Decrement(ref _missing) == 0)
            _done.TrySetResult();
    }
}
