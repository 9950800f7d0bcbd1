using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.InspectionTests;

/// <summary>Listens to the transport's meter, as a collector does. Of all tests at once: a test looks at queues of its own.</summary>
sealed class Readings : IDisposable
{
    readonly MeterListener _listener = new();
    readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _seen = new();

    public Readings(params string[] instruments)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TransportMeter.Name && (instruments.Length == 0 || instruments.Contains(instrument.Name)))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The sum of what was measured with these tags: <c>queue=orders state=ready</c>.</summary>
    public double Sum(string instrument, string tags) => _seen.Where(x => x.Instrument == instrument && x.Tags == tags).Sum(x => x.Value);

    /// <summary>The gauges as they are now: <c>null</c> where there is no measurement.</summary>
    public double? Gauge(string instrument, string tags)
    {
        _seen.Clear();
        _listener.RecordObservableInstruments();
        var found = _seen.Where(x => x.Instrument == instrument && x.Tags == tags).Select(x => (double?)x.Value).ToArray();
        return found.Length == 0 ? null : found[^1];
    }

    public bool Any(string instrument, Func<string, bool> tags) => _seen.Any(x => x.Instrument == instrument && tags(x.Tags));

    public void Dispose() => _listener.Dispose();

    void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = string.Join(' ', tags.ToArray().Select(x => $"{x.Key}={x.Value}"));
        _seen.Enqueue((instrument.Name, value, text));
    }
}
