using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.LifecycleTests.Health;

public sealed class HealthTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Running_bus_is_healthy_by_bus_and_by_health_check_service()
    {
        await using var app = await TestApp.StartAsync(redis.Server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("healthy", e => e.Handler<Ping>(_ => Task.CompletedTask)));
        var health = app.Bus.CheckHealth();
        Assert.Equal(BusHealthStatus.Healthy, health.Status);
        Assert.Contains(health.Endpoints.Keys, x => x.EndsWith("/healthy", StringComparison.Ordinal));
        Assert.All(health.Endpoints.Values, x => Assert.Equal(BusHealthStatus.Healthy, x.Status));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(app)).Status);
    }

    [Fact]
    public async Task Outage_is_degraded_then_unhealthy_and_healthy_again_without_a_restart()
    {
        await using var own = await OwnServer.StartAsync();
        var received = new Inbox<int>();
        var seen = new Inbox<BusHealthStatus>();
        await using var app =
            await TestApp.StartAsync(own, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("outage", e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        })));
        var observer = new EndpointObserver();
        app.Bus.ConnectReceiveEndpointObserver(observer);
        Assert.Equal(BusHealthStatus.Healthy, app.Bus.CheckHealth().Status);

        await own.KillAsync();
        await observer.Interrupted.WaitAsync("the endpoint says that receiving is interrupted");
        await Eventually.TrueAsync(() => app.Bus.CheckHealth().Status is BusHealthStatus.Degraded or BusHealthStatus.Unhealthy,
            message: "the bus is not healthy");
        await Eventually.EqualAsync(BusHealthStatus.Unhealthy, () => app.Bus.CheckHealth().Status, message: "the bus is unhealthy");
        await Eventually.EqualAsync(HealthStatus.Unhealthy, async () => (await CheckAsync(app)).Status,
            message: "the health check is unhealthy");

        await own.RestartAsync();
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, TimeSpan.FromSeconds(40),
            "the bus is healthy again");
        await Eventually.EqualAsync(HealthStatus.Healthy, async () => (await CheckAsync(app)).Status,
            message: "the health check is healthy again");
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
    }

    [Fact]
    public async Task Bus_that_only_sends_notices_the_outage_too()
    {
        await using var own = await OwnServer.StartAsync();
        await using var app = await TestApp.StartAsync(own, _ => { });
        Assert.Equal(BusHealthStatus.Healthy, app.Bus.CheckHealth().Status);
        await own.KillAsync();
        await Eventually.TrueAsync(() => app.Bus.CheckHealth().Status != BusHealthStatus.Healthy, TimeSpan.FromSeconds(30),
            "the bus is not healthy");
        await own.RestartAsync();
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, TimeSpan.FromSeconds(40),
            "the bus is healthy again");
    }

    [Fact]
    public async Task Observer_that_throws_does_not_end_the_receiving()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            // A start waits for the endpoint to be ready, which an observer that throws keeps it from saying.
            x.HostOptions = options => options.WaitUntilStarted = false;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("observed", e =>
            {
                e.ConnectReceiveEndpointObserver(new ThrowingObserver());
                e.Handler<Ping>(context =>
                {
                    received.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            });
        });
        var queue = await app.Bus.GetSendEndpoint(new Uri("queue:observed"));

        await queue.Send(new Ping(1));

        await received.WaitAsync(1);
        Assert.True(app.Log.Contains("observer of observed threw"));
    }

    static Task<HealthReport> CheckAsync(TestApp app) => app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    sealed class ThrowingObserver : IReceiveEndpointObserver
    {
        public Task Ready(ReceiveEndpointReady ready) => throw new InvalidOperationException("The observer does not like it.");

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }

    sealed class EndpointObserver : IReceiveEndpointObserver
    {
        public Signal Interrupted { get; } = new();

        public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed)
        {
            Interrupted.Set();
            return Task.CompletedTask;
        }

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }
}
