namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>A clock that a test sets. Timers go by the real one.</summary>
public sealed class TestClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public override DateTimeOffset GetUtcNow() => Now;
}
