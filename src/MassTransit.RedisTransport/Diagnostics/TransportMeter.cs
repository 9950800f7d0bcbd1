using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using MassTransit.RedisTransport.Scripts;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>
/// The instruments of the meter <c>MassTransit.RedisTransport</c>. Units are UCUM. The tag <c>queue</c> is the name of a queue,
/// <c>temporary</c> for queues that delete themselves, and <c>other</c> for queues above <see cref="MaxQueues"/>. If nobody listens, an
/// instrument costs one check of a flag. Counters of messages count each message of a shared record.
/// </summary>
internal static class TransportMeter
{
    public const string Name = "MassTransit.RedisTransport";

    /// <summary>How many queues have their own series in a process. Further ones share one name.</summary>
    public const int MaxQueues = 500;

    static readonly Meter Meter = new(Name, typeof(TransportMeter).Assembly.GetName().Version?.ToString(3));
    static readonly ConcurrentDictionary<object, Func<QueueDepths?>> Watched = new();
    static readonly ConcurrentDictionary<object, Func<IReadOnlyList<Measurement<int>>>> WatchedHealth = new();

    /// <summary>Tag queue.</summary>
    public static readonly Counter<long> Sent =
        Meter.CreateCounter<long>("masstransit.redis.sent", "{message}",
            "Messages that Redis has confirmed, by the queue they were stored in.");

    /// <summary>Tag queue.</summary>
    public static readonly Counter<long> Delivered =
        Meter.CreateCounter<long>("masstransit.redis.delivered", "{message}", "Messages leased to a consumer, each delivery counted.");

    /// <summary>Tag queue.</summary>
    public static readonly Counter<long> Redelivered =
        Meter.CreateCounter<long>("masstransit.redis.redelivered", "{message}",
            "Of those delivered, the ones that had been delivered before without success.");

    /// <summary>Tag queue.</summary>
    public static readonly Counter<long> LeasesLost =
        Meter.CreateCounter<long>("masstransit.redis.leases.lost", "{lease}",
            "Leases that ended before their consumers did, as those consumers saw it.");

    /// <summary>Tag queue.</summary>
    public static readonly Counter<long> Reclaimed =
        Meter.CreateCounter<long>("masstransit.redis.reclaimed", "{message}",
            "Messages taken back from leases that had ended: a consumer crashed or froze.");

    /// <summary>Tags script, outcome (ok, error). It measures each attempt, as long as the client waited for it.</summary>
    public static readonly Histogram<double> ScriptDuration = Meter.CreateHistogram("masstransit.redis.script.duration", "s",
        "How long Redis took to answer a script, the way there and back included.", null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        });

    /// <summary>Tags queue, operation (send, lease, settle). Empty fetches are not counted.</summary>
    public static readonly Histogram<long> GroupSize = Meter.CreateHistogram("masstransit.redis.group.size", "{message}",
        "Messages that shared one call.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 200, 300, 500] });

    /// <summary>Tags queue, state (ready, delayed, leased).</summary>
    static readonly ObservableGauge<long> Depth = Meter.CreateObservableGauge("masstransit.redis.queue.depth",
        () => Read(static x => x.States), "{message}", "Messages in a queue this process consumes, as last read.");

    /// <summary>Tags queue, kind (error, skipped).</summary>
    static readonly ObservableGauge<long> DeadLetters = Meter.CreateObservableGauge("masstransit.redis.queue.dead_letters",
        () => Read(static x => x.Dead), "{message}", "Messages in the dead-letter queues of a queue this process consumes, as last read.");

    /// <summary>Tag queue.</summary>
    static readonly ObservableGauge<double> OldestAge = Meter.CreateObservableGauge("masstransit.redis.queue.oldest.age",
        () => Read(static x => x.Oldest), "s", "How long the oldest message that a consumer could take has waited; 0 where there is none.");

    /// <summary>Tag queue.</summary>
    static readonly ObservableGauge<int> Paused = Meter.CreateObservableGauge("masstransit.redis.queue.paused",
        () => Read(static x => x.Paused), "1", "1 while an operator has paused the queue, otherwise 0.");

    /// <summary>Tag queue.</summary>
    static readonly ObservableGauge<int> Limit = Meter.CreateObservableGauge("masstransit.redis.queue.limit",
        () => Read(static x => x.Limits), "{message}",
        "How many messages an operator lets all processes have in work together; nothing where there is no limit.");

    /// <summary>Tag check.</summary>
    static readonly ObservableGauge<int> Health = Meter.CreateObservableGauge("masstransit.health.status",
        () => WatchedHealth.Values.SelectMany(static x => x()), "{status}",
        "How a health check last ended: 2 healthy, 1 degraded, 0 unhealthy.");

    /// <summary>True while somebody listens to a depth. Only then is Redis asked for it.</summary>
    public static bool DepthsAreWanted => Depth.Enabled || DeadLetters.Enabled || OldestAge.Enabled || Paused.Enabled || Limit.Enabled;

    /// <summary>Reports the last depths of a reader until the reader is removed.</summary>
    public static void Watch(object reader, Func<QueueDepths?> last) => Watched[reader] = last;

    public static void Unwatch(object reader) => Watched.TryRemove(reader, out _);

    /// <summary>Reports the last status of health checks until the publisher is removed.</summary>
    public static void WatchHealth(object publisher, Func<IReadOnlyList<Measurement<int>>> last) => WatchedHealth[publisher] = last;

    public static void UnwatchHealth(object publisher) => WatchedHealth.TryRemove(publisher, out _);

    /// <summary>The timestamp of a script's start; 0 if nobody listens.</summary>
    public static long ScriptStarts() => ScriptDuration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public static void ScriptEnds(RedisScript script, long started, bool answered)
    {
        if (started != 0)
            ScriptDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new("script", script.Name),
                new("outcome", answered ? "ok" : "error"));
    }

    static List<Measurement<T>> Read<T>(Func<QueueDepths, IEnumerable<Measurement<T>>> select)
        where T : struct
    {
        var measurements = new List<Measurement<T>>();
        foreach (var last in Watched.Values)
        {
            if (last() is { } depths)
                measurements.AddRange(select(depths));
        }

        return measurements;
    }
}
