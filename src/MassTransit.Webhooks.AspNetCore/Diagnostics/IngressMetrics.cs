using System.Diagnostics.Metrics;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The instruments of the ingress. Tags have few values: an unknown receiver's name is not one of them.</summary>
internal sealed class IngressMetrics
{
    const string MeterName = "MassTransit.Webhooks";

    readonly Counter<long> _requests;
    readonly Counter<long> _deduplicationFailures;

    public IngressMetrics(IMeterFactory meters)
    {
        // The factory disposes its meters.
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("masstransit.webhooks.requests", "{request}", "Requests to webhook receivers, by receiver and what became of them.");
        _deduplicationFailures = meter.CreateCounter<long>(
            "masstransit.webhooks.deduplication.failures", "{failure}", "Times the store of known webhooks could not be asked.");
    }

    public void Request(string receiver, string reason, int status) =>
        _requests.Add(1, new("receiver", receiver), new("reason", reason), new("status", status));

    public void DeduplicationFailed() => _deduplicationFailures.Add(1);
}
