using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

public sealed class ServerSafetyTests
{
    [SkippableTheory]
    [InlineData("allkeys-lru")]
    [InlineData("volatile-ttl")]
    public async Task Server_that_may_delete_messages_is_refused_with_the_cure(string policy)
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "64mb", MaxMemoryPolicy = policy });
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var app = await TestApp.StartAsync(own, x =>
            {
                x.HostOptions = o => o.StartTimeout = TimeSpan.FromSeconds(3);
                x.Bus = (_, cfg) => cfg.ReceiveEndpoint("evicted", e => e.Handler<Ping>(_ => Task.CompletedTask));
            });
        });
        var text = refused.ToString();
        Assert.Contains(policy, text, StringComparison.Ordinal);
        Assert.Contains("noeviction", text, StringComparison.Ordinal);
        Assert.Contains("AllowEvictionPolicy()", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Send_is_refused_too_and_the_bus_starts_by_itself_once_the_policy_is_right()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "64mb", MaxMemoryPolicy = "allkeys-lru" });
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => (o.WaitUntilStarted, o.StartTimeout) = (false, null);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("evicted", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => app.SendAsync("evicted", new Ping(1)));
        Assert.Contains("AllowEvictionPolicy()", refused.ToString(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => app.Log.Contains("allkeys-lru", LogLevel.Critical), message: "the log says so");
        Assert.Equal(BusHealthStatus.Unhealthy, app.Bus.CheckHealth().Status);

        await using var admin = await own.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, TimeSpan.FromSeconds(40),
            "the bus is healthy");
        await app.SendAsync("evicted", new Ping(2));
        await received.WaitAsync(1);
        Assert.Equal([2], received.Items);
    }

    [SkippableFact]
    public async Task Bus_whose_start_was_given_up_can_be_started_again()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "64mb", MaxMemoryPolicy = "allkeys-lru" });
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.Start = false;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("evicted", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });
        // Several times: one endpoint may be about to be refused when the end of the start stops them all.
        for (var start = 0; start < 3; start++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            await Assert.ThrowsAnyAsync<Exception>(() =>
                Eventually.CompletesAsync(app.Bus.StartAsync(patience.Token), message: "the start that is given up"));
        }

        Assert.False(app.Log.Contains("stop faulted"), "a stop failed");
        await using var admin = await own.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await Eventually.CompletesAsync(app.Bus.StartAsync(), message: "the start");
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, message: "the bus is healthy");
        await Eventually.CompletesAsync(app.Bus.StopAsync(), message: "the stop");
    }

    [SkippableFact]
    public async Task Allowed_eviction_policy_starts_with_a_critical_log()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "64mb", MaxMemoryPolicy = "allkeys-lru" });
        await using var app = await TestApp.StartAsync(own, x => x.Host = h => h.AllowEvictionPolicy());
        await app.SendAsync("risky", new Ping(1));
        Assert.True(app.Log.Contains("MAY DELETE MESSAGES", LogLevel.Critical));
    }

    [SkippableTheory]
    [InlineData(null, true)]
    [InlineData("everysec", false)]
    public async Task Server_that_keeps_nothing_on_disk_is_warned_of(string? appendFsync, bool warned)
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { AppendFsync = appendFsync });
        await using var app = await TestApp.StartAsync(own, _ => { });
        await app.SendAsync("volatile", new Ping(1));
        Assert.Equal(warned, app.Log.Contains("keeps nothing on disk", LogLevel.Warning));
    }

    [Fact]
    public async Task Absent_server_lets_the_host_start_and_is_connected_to_when_it_comes()
    {
        await using var own = await OwnServer.StartAsync();
        await own.StopAsync();
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => o.WaitUntilStarted = false;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("late", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await Eventually.EqualAsync(BusHealthStatus.Unhealthy, () => app.Bus.CheckHealth().Status, message: "health says so");

        await own.RestartAsync();
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, TimeSpan.FromSeconds(40),
            "the bus is healthy");
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
    }
}
