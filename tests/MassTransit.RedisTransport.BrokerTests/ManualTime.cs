namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>A clock that goes on when a test says so.</summary>
internal sealed class ManualTime : TimeProvider
{
    DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
