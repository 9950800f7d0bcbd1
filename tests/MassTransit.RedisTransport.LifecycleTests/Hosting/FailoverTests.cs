using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

public sealed class FailoverTests
{
    [SkippableFact]
    public async Task Messages_flow_after_sentinel_has_promoted_a_replica()
    {
        await using var sentinel = new SentinelCluster();
        await sentinel.StartAsync();
        sentinel.SkipIfNotControllable();
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(sentinel, x =>
        {
            x.Host = h => h.SendTimeout = TimeSpan.FromSeconds(60);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("failover", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);

        var old = await sentinel.KillPrimaryAsync();
        // Sent into the outage: it waits for the new primary.
        var sending = app.SendAsync("failover", new Ping(2));
        await sentinel.WaitForFailoverAsync(old);
        await Eventually.CompletesAsync(sending, TimeSpan.FromSeconds(60), "the send through the failover");
        await app.Bus.Publish(new Ping(3));
        await Eventually.TrueAsync(() => received.Items.Contains(2) && received.Items.Contains(3), TimeSpan.FromSeconds(40),
            "both are received");
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, TimeSpan.FromSeconds(20),
            "the bus is healthy");
    }
}
