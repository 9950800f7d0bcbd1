namespace MassTransit.RedisTransport.ConformanceTests.Serialization;

public sealed record Parcel(int Number, string Label);

public sealed record Tracked(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record Everything(
    bool Yes,
    int Number,
    long Large,
    double Fraction,
    decimal Money,
    Guid Id,
    DateTime Time,
    DateTimeOffset Moment,
    TimeSpan Duration,
    Uri Address,
    string Text,
    string? Nothing,
    byte[] Bytes,
    IReadOnlyList<Parcel> Parcels,
    IReadOnlyDictionary<string, string> Tags);
