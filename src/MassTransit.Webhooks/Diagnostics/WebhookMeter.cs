using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// The instruments of the meter <c>MassTransit.Webhooks</c> for processing (the ingress adds its own to the same meter). Units are UCUM.
/// The names of receivers and tenants come from outside, so their number is limited and further ones become <c>other</c>. If nobody
/// listens, an instrument costs one check of a flag.
/// </summary>
internal static class WebhookMeter
{
    public const string Name = "MassTransit.Webhooks";

    /// <summary>How many receivers of a processor have their own series.</summary>
    public const int MaxReceivers = 50;

    /// <summary>How many tenants of a processor have their own series.</summary>
    public const int MaxTenants = 100;

    static readonly Meter Meter = new(Name, typeof(WebhookMeter).Assembly.GetName().Version?.ToString(3));
    static readonly ConcurrentDictionary<ProcessorMeter, byte> Processors = new();

    /// <summary>Tag processor.</summary>
    public static readonly Histogram<double> ProcessingDuration = Meter.CreateHistogram("masstransit.webhooks.processing.duration", "s",
        "How long a processor took for a batch.", null, Seconds);

    /// <summary>Tags processor, receiver. Webhooks without a time of receipt are not counted.</summary>
    public static readonly Histogram<double> Latency = Meter.CreateHistogram("masstransit.webhooks.latency", "s",
        "From received to processed, each attempt counted; what is redelivered later counts from when it was received too.", null, Seconds);

    /// <summary>Tag processor.</summary>
    public static readonly Histogram<long> BatchSize = Meter.CreateHistogram("masstransit.webhooks.batch.size", "{webhook}",
        "Webhooks in a batch.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000] });

    /// <summary>Tags processor, receiver, status (succeeded, retry, failed, discarded).</summary>
    public static readonly Counter<long> Results =
        Meter.CreateCounter<long>("masstransit.webhooks.results", "{webhook}", "What processors answered, each attempt counted.");

    /// <summary>Tags processor, tenant, status. Webhooks without a tenant are not counted.</summary>
    public static readonly Counter<long> TenantResults =
        Meter.CreateCounter<long>("masstransit.webhooks.tenant.results", "{webhook}", "What processors answered, by whose webhook it was.");

    /// <summary>Tags processor, decision (up, back, down).</summary>
    public static readonly Counter<long> ScaleDecisions =
        Meter.CreateCounter<long>("masstransit.webhooks.scale.decisions", "{decision}",
            "Steps of AutoScale: up, back where a step up did not pay, down where workers idle.");

    /// <summary>These gauges have the tag processor.</summary>
    static readonly ObservableGauge<int> Active = Meter.CreateObservableGauge("masstransit.webhooks.workers.active",
        () => Read(static x => x.Workers.Active), "{worker}", "Workers that process a batch now.");

    static readonly ObservableGauge<int> Limit = Meter.CreateObservableGauge("masstransit.webhooks.workers.limit",
        () => Read(static x => x.Workers.Limit), "{worker}", "How many workers there may be now.");

    static readonly ObservableGauge<int> Waiting = Meter.CreateObservableGauge("masstransit.webhooks.batches.waiting",
        () => Read(static x => x.Workers.Waiting), "{batch}", "Batches that wait for a worker.");

    static InstrumentAdvice<double> Seconds => new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600],
    };

    public static void Watch(ProcessorMeter processor) => Processors[processor] = 0;

    public static void Unwatch(ProcessorMeter processor) => Processors.TryRemove(processor, out _);

    static List<Measurement<int>> Read(Func<ProcessorMeter, int> value) =>
        [.. Processors.Keys.Select(x => new Measurement<int>(value(x), x.Tag))];
}
