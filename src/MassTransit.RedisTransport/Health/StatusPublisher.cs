using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Keeps the last status of each health check for the meter.</summary>
internal sealed class StatusPublisher : IHealthCheckPublisher, IDisposable
{
    readonly ConcurrentDictionary<string, int> _status = new(StringComparer.Ordinal);

    public StatusPublisher() => TransportMeter.WatchHealth(this,
        () => [.. _status.Select(x => new Measurement<int>(x.Value, new KeyValuePair<string, object?>("check", x.Key)))]);

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var (name, entry) in report.Entries)
            _status[name] = (int)entry.Status;
        return Task.CompletedTask;
    }

    public void Dispose() => TransportMeter.UnwatchHealth(this);
}
