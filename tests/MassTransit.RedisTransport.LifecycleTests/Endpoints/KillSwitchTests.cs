using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

public sealed class KillSwitchTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Kill_switch_stops_a_failing_endpoint_and_starts_it_again()
    {
        var broken = true;
        var good = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
        {
            cfg.UseKillSwitch(options => options.SetActivationThreshold(5).SetTripThreshold(0.5).SetRestartTimeout(s: 1));
            cfg.ReceiveEndpoint("fragile", e =>
            {
                e.ConcurrentMessageLimit = 5;
                e.Handler<Ping>(context =>
                {
                    if (Volatile.Read(ref broken))
                        throw new InvalidOperationException("the database is away");
                    good.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        var tripped = WaitForHealthAsync(app, x => x != BusHealthStatus.Healthy);
        for (var i = 0; i < 20; i++)
            await app.SendAsync("fragile", new Ping(i));
        await tripped;
        Volatile.Write(ref broken, false);
        await WaitForHealthAsync(app, x => x == BusHealthStatus.Healthy);

        await app.SendAsync("fragile", new Ping(100));
        await Eventually.TrueAsync(() => good.Items.Contains(100), message: "the endpoint receives again");
        await server.EmptyAsync("fragile");
        // Nothing is lost over the stop: each message was handled or is in the error queue.
        Assert.Equal(21, good.Count + (await server.CountAsync("fragile_error")).Ready);
    }

    static Task WaitForHealthAsync(TestApp app, Func<BusHealthStatus, bool> expected) =>
        Eventually.TrueAsync(() => expected(app.Bus.CheckHealth().Status), message: "the bus's health");
}
