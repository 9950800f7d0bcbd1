using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Stopping;

public sealed class StopWithoutServerTests
{
    [Fact]
    public async Task Stop_is_bounded_when_the_server_is_gone()
    {
        await using var own = await OwnServer.StartAsync();
        var started = new Signal();
        var release = new Signal();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => o.StopTimeout = TimeSpan.FromSeconds(5);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("gone", e =>
            {
                e.PrefetchCount = 10;
                e.ConcurrentMessageLimit = 1;
                e.Handler<Ping>(async _ =>
                {
                    started.Set();
                    await release.Task;
                });
            });
        });
        for (var i = 0; i < 5; i++)
            await app.SendAsync("gone", new Ping(i));
        await started.WaitAsync("the handler runs");

        await own.KillAsync();
        release.Set();
        await Eventually.CompletesAsync(app.StopAsync(), TimeSpan.FromSeconds(25), "the stop without a server");
    }

    [Fact]
    public async Task Stop_is_bounded_when_the_server_was_never_there()
    {
        await using var own = await OwnServer.StartAsync();
        await own.StopAsync();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => o.WaitUntilStarted = false;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("never", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });
        await Eventually.CompletesAsync(app.StopAsync(), TimeSpan.FromSeconds(20), "the stop without a server");
    }
}
