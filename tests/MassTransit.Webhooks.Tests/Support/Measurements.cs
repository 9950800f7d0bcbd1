using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MassTransit.Webhooks.Tests.Support;

/// <summary>What a collector has seen of one meter since this was made.</summary>
sealed class Measurements : IDisposable
{
    readonly MeterListener _listener = new();
    readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _seen = new();

    public Measurements(string meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Each with its tags in their order, as <c>queue=orders state=ready</c>.</summary>
    public IEnumerable<(string Instrument, double Value, string Tags)> Seen => _seen;

    public void Clear() => _seen.Clear();

    /// <summary>What a counter, or all that a histogram has seen, comes to.</summary>
    public double Sum(string instrument, string tags) => _seen.Where(x => x.Instrument == instrument && x.Tags == tags).Sum(x => x.Value);

    /// <summary>What a gauge says now; <c>null</c> where it says nothing.</summary>
    public double? Gauge(string instrument, string tags)
    {
        _listener.RecordObservableInstruments();
        return _seen.Where(x => x.Instrument == instrument && x.Tags == tags).Select(x => (double?)x.Value).LastOrDefault();
    }

    public void Dispose() => _listener.Dispose();

    void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().Select(x => $"{x.Key}={x.Value}"))));
}
