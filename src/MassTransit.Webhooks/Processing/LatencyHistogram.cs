using System.Numerics;

namespace MassTransit.Webhooks;

/// <summary>
/// Counts latencies of the last 10 to 20 seconds in logarithmic buckets. With 8 buckets to each doubling the error is at most 9 %. A
/// latency costs one interlocked addition.
/// </summary>
internal sealed class LatencyHistogram
{
    const int PerDoubling = 8;
    const int Buckets = 40 * PerDoubling;
    static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    readonly TimeProvider _time;
    readonly Lock _gate = new();
    Generation _current;
    Generation _previous;

    public LatencyHistogram(TimeProvider time)
    {
        _time = time;
        _current = new Generation(time.GetTimestamp());
        _previous = _current;
    }

    public void Add(TimeSpan latency)
    {
        var microseconds = Math.Max(1, (long)latency.TotalMicroseconds);
        var generation = Current();
        Interlocked.Increment(ref generation.Counts[Bucket(microseconds)]);
        Interlocked.Add(ref generation.Sum, microseconds);
    }

    public (TimeSpan Average, TimeSpan Median, TimeSpan Percentile99, long Count, TimeSpan Window) Read()
    {
        Current();
        Generation current, previous;
        lock (_gate)
            (current, previous) = (_current, _previous);

        var counts = new long[Buckets];
        long total = 0;
        var sum = Interlocked.Read(ref current.Sum);
        for (var i = 0; i < Buckets; i++)
            total += counts[i] = Volatile.Read(ref current.Counts[i])
                + (ReferenceEquals(current, previous) ? 0 : Volatile.Read(ref previous.Counts[i]));
        if (!ReferenceEquals(current, previous))
            sum += Interlocked.Read(ref previous.Sum);

        var window = _time.GetElapsedTime(previous.Started);
        return total == 0
            ? (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0, window)
            : (TimeSpan.FromMicroseconds((double)sum / total), Percentile(counts, total, 0.50), Percentile(counts, total, 0.99), total,
                window);
    }

    Generation Current()
    {
        var generation = Volatile.Read(ref _current);
        if (_time.GetElapsedTime(generation.Started) < Period)
            return generation;

        lock (_gate)
        {
            if (ReferenceEquals(generation, _current))
            {
                // After a long pause the last generation is too old to be used.
                var next = new Generation(_time.GetTimestamp());
                _previous = _time.GetElapsedTime(generation.Started) < Period * 2 ? generation : next;
                Volatile.Write(ref _current, next);
            }

            return _current;
        }
    }

    static int Bucket(long microseconds)
    {
        var doubling = BitOperations.Log2((ulong)microseconds);
        var within = (int)(((microseconds - (1L << doubling)) * PerDoubling) >> doubling);
        return Math.Min(Buckets - 1, (doubling * PerDoubling) + within);
    }

    /// <summary>Returns the upper limit of the bucket, so that the result is never lower than the true latency.</summary>
    static TimeSpan Percentile(long[] counts, long total, double percentile)
    {
        var rank = (long)Math.Ceiling(total * percentile);
        long seen = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= rank)
            {
                var doubling = i / PerDoubling;
                return TimeSpan.FromMicroseconds(Math.ScaleB(1, doubling) * (1 + (i % PerDoubling + 1.0) / PerDoubling));
            }
        }

        return TimeSpan.Zero;
    }

    sealed class Generation(long started)
    {
        public long[] Counts { get; } = new long[Buckets];

        public long Started { get; } = started;

        public long Sum;
    }
}
