using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Health;

public sealed class ProbeTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Probe_shows_the_settings_of_each_endpoint()
    {
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("probed", e =>
        {
            e.LeaseDuration = TimeSpan.FromSeconds(17);
            e.MaxDeliveryCount = 23;
            e.PriorityAging = TimeSpan.FromSeconds(2);
            e.PrefetchCount = 19;
            e.ConcurrentMessageLimit = 13;
            e.Handler<Ping>(_ => Task.CompletedTask);
        }));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        var text = app.ProbeText();
        foreach (var expected in new[] { "Redis", "/probed", "00:00:17", "23", "00:00:02", "19", "13", "LifecycleTests.Support:Ping",
            app.Prefix })
            Assert.Contains(expected, text, StringComparison.Ordinal);
    }
}
