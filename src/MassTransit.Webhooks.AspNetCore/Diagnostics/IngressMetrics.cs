using System.Diagnostics;
using System.Diagnostics.Metrics;
using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The instruments of the ingress, in the meter <c>MassTransit.Webhooks</c>. Tags have few values, so the name of an unknown receiver is
/// not used. If nobody listens, an instrument costs one check of a flag.
/// </summary>
internal sealed class IngressMetrics
{
    readonly Meter _meter;
    readonly Counter<long> _requests;
    readonly Histogram<double> _duration;
    readonly Counter<long> _deduplicationFailures;
    readonly Counter<long> _reusedIds;

    public IngressMetrics(IMeterFactory meters)
    {
        // The factory disposes the meter.
        var meter = _meter = meters.Create(WebhookMeter.Name);
        _requests = meter.CreateCounter<long>("masstransit.webhooks.requests", "{request}",
            "Requests to webhook receivers, by receiver and what became of them.");
        _duration = meter.CreateHistogram("masstransit.webhooks.request.duration", "s",
            "From a request's headers to the decision what to answer, the broker's confirmation included.",
            null, new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
            });
        _deduplicationFailures = meter.CreateCounter<long>(
            "masstransit.webhooks.deduplication.failures", "{failure}", "Times the store of known webhooks could not be asked.");
        _reusedIds = meter.CreateCounter<long>("masstransit.webhooks.ids.reused", "{webhook}",
            "Webhooks that came with other content under a known id.");
    }

    /// <summary>Adds the gauge of the bytes of bodies that are not verified yet.</summary>
    public void ShowUnverified(Func<long> bytes) =>
        _meter.CreateObservableGauge("masstransit.webhooks.unverified", bytes, "By",
            "Memory that bodies take whose sender is not known yet.");

    /// <summary>The timestamp of a request's start; 0 if nobody listens.</summary>
    public long RequestStarts() => _duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void RequestEnds(string receiver, string reason, int status, long started)
    {
        if (_requests.Enabled)
            _requests.Add(1, new("receiver", receiver), new("reason", reason), new("status", status));
        if (started != 0)
            _duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new("receiver", receiver), new("status", status));
    }

    public void IdReused(string receiver) => _reusedIds.Add(1, new KeyValuePair<string, object?>("receiver", receiver));

    public void DeduplicationFailed() => _deduplicationFailures.Add(1);
}
