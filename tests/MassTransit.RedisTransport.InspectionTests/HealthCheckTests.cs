using System.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.InspectionTests;

/// <summary>
/// What the health checks say, and what they tell an operator to do. On servers of the tests' own, changed as an operator does.
/// </summary>
public sealed class HealthCheckTests
{
    [SkippableFact]
    public async Task A_server_that_may_lose_messages_is_told_of_with_the_cure()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions { AppendFsync = "everysec" });
        await using var app = await StartAsync(server, x => x.MinReplicas = 1);
        await using var connection = await server.ConnectAsync();
        var redis = connection.GetServers()[0];
        await SaysAsync(app, "redis-server", HealthStatus.Degraded, "0 replicas are in step, 1 are wanted");
        Assert.DoesNotContain("maxmemory-policy", (await CheckAsync(app, "redis-server")).Description, StringComparison.Ordinal);

        await redis.ConfigSetAsync("maxmemory-policy", "allkeys-lru");
        await SaysAsync(app, "redis-server", HealthStatus.Degraded, "maxmemory-policy is 'allkeys-lru'",
            "CONFIG SET maxmemory-policy noeviction");
        await redis.ConfigSetAsync("maxmemory-policy", "noeviction");
        await redis.ConfigSetAsync("appendonly", "no");
        await SaysAsync(app, "redis-server", HealthStatus.Degraded, "a restart loses every message", "CONFIG SET appendonly yes");

        await using var replica = await OwnServer.StartAsync(new RedisServerOptions
        {
            ExtraLines = { $"replicaof 127.0.0.1 {server.Port}" },
        });
        await redis.ConfigSetAsync("repl-diskless-sync-delay", "0");
        await redis.ConfigSetAsync("appendonly", "yes");
        await SaysAsync(app, "redis-server", HealthStatus.Healthy, "Nothing is evicted and everything is kept.");
    }

    [SkippableFact]
    public async Task Required_replicas_without_min_replicas_to_write_are_told_of_with_the_cure()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions { AppendFsync = "everysec" });
        await using var app = await TestApp.StartAsync(server, x =>
        {
            x.Host = h => h.RequireReplicas(1, TimeSpan.FromSeconds(1));
            x.Services = services => services.AddHealthChecks().AddRedisTransport();
        });
        await using var connection = await server.ConnectAsync();
        await SaysAsync(app, "redis-server", HealthStatus.Degraded, "min-replicas-to-write is 0", "CONFIG SET min-replicas-to-write 1");

        await connection.GetServers()[0].ConfigSetAsync("min-replicas-to-write", "1");
        await SaysAsync(app, "redis-server", HealthStatus.Healthy, "Nothing is evicted and everything is kept.");
    }

    [SkippableFact]
    public async Task A_paused_queue_is_healthy_with_who_and_why_until_the_pause_is_too_long()
    {
        await using var server = await OwnServer.StartAsync();
        var options = new RedisHealthOptions();
        await using var app = await TestApp.StartAsync(server, x =>
        {
            x.Register = r => r.AddRedisQueues();
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask));
            x.Services = services => services.AddHealthChecks().AddRedisTransport(o =>
            {
                o.MaxReady = 1;
                options = o;
            });
        });
        var queues = app.Services.GetRequiredService<IRedisQueues>();
        await queues.PauseAsync("orders", new RedisActor("ops@web1", "PSP\r\nis down"), TimeSpan.FromHours(2));
        for (var i = 0; i < 5; i++)
            await app.SendAsync("orders", new Ping(i));

        await SaysAsync(app, "redis-queues", HealthStatus.Healthy, "orders: paused by ops@web1 since 20", "UTC until 20", "UTC: PSP");
        options.MaxPause = TimeSpan.FromMilliseconds(1);
        await SaysAsync(app, "redis-queues", HealthStatus.Degraded, "orders: paused by ops@web1", "Resume it");

        await queues.ResumeAsync("orders", new RedisActor("ops@web1"));
        await SaysAsync(app, "redis-queues", HealthStatus.Healthy, "1 queues, all below");
        Assert.DoesNotContain("paused", (await CheckAsync(app, "redis-queues")).Description, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Depth_and_dead_letters_degrade_with_figures_and_the_cure()
    {
        await using var server = await OwnServer.StartAsync();
        var release = new Signal();
        await using var app = await StartAsync(server, x =>
        {
            x.MaxReady = 3;
            x.MaxDeadLetters = 1;
            x.Queues.Add("elsewhere");
        }, e =>
        {
            e.PrefetchCount = 1;
            e.Handler<Ping>(context => context.Message.Number < 0 ? throw new InvalidOperationException("card refused") : release.Task);
        });
        await SaysAsync(app, "redis-queues", HealthStatus.Healthy, "2 queues, all below 3 waiting messages and 1 dead letters");

        await app.SendAsync("orders", new Ping(-1));
        await app.SendAsync("orders", new Ping(-2));
        await SaysAsync(app, "redis-queues", HealthStatus.Degraded, "orders: 2 dead letters (more than 1; 2 failed, 0 skipped)",
            "replay or purge");
        for (var i = 0; i < 5; i++)
            await app.SendAsync("orders", new Ping(i));
        await SaysAsync(app, "redis-queues", HealthStatus.Degraded, "orders: 4 messages wait (more than 3)", "Start more workers",
            "dead letters");
        release.Set();
        // With nothing in front of it: the complaint about waiting messages comes first, and is gone.
        await Eventually.TrueAsync(async () =>
            (await CheckAsync(app, "redis-queues")).Description!.StartsWith("orders: 2 dead letters", StringComparison.Ordinal),
            message: "only dead letters are left to complain about");
    }

    [Fact]
    public async Task A_server_that_does_not_tell_is_unknown_and_not_ill()
    {
        await using var server = new EmbeddedServer();
        await server.StartAsync();
        await using var app = await StartAsync(server);

        await SaysAsync(app, "redis-ready", HealthStatus.Healthy, "the bus is started");
        await SaysAsync(app, "redis-queues", HealthStatus.Healthy, "1 queues");
        var check = await CheckAsync(app, "redis-server");
        Assert.DoesNotContain("cannot be asked", check.Description, StringComparison.Ordinal);
        Assert.Contains("does not tell its eviction policy", check.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, check.Status);
    }

    [SkippableFact]
    public async Task With_the_server_frozen_or_gone_readiness_fails_in_bounded_time_and_liveness_does_not()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions());
        await using var app = await StartAsync(server, x => x.Timeout = TimeSpan.FromMilliseconds(300));
        await SaysAsync(app, "redis-ready", HealthStatus.Healthy, "Redis answered within");

        server.Suspend();
        await AssertAwayAsync("did not answer within 0.3 s");
        server.Resume();
        await SaysAsync(app, "redis-ready", HealthStatus.Healthy, "Redis answered within");

        await server.KillAsync();
        await AssertAwayAsync("Check that");
        await server.RestartAsync();
        await SaysAsync(app, "redis-ready", HealthStatus.Healthy, "Redis answered within");

        async Task AssertAwayAsync(string what)
        {
            // At once the client may still believe in its connection: it is the outcome that is waited for, and each answer is bounded.
            await Eventually.TrueAsync(async () => await BoundedAsync("redis-ready") is { Status: HealthStatus.Unhealthy } entry
                && entry.Description!.Contains(what, StringComparison.Ordinal), message: what);
            Assert.Equal(HealthStatus.Degraded, (await BoundedAsync("redis-queues")).Status);
            Assert.Equal(HealthStatus.Degraded, (await BoundedAsync("redis-server")).Status);
            Assert.Equal(HealthStatus.Healthy, (await BoundedAsync("redis-live")).Status);
        }

        async Task<HealthReportEntry> BoundedAsync(string check)
        {
            var started = Stopwatch.GetTimestamp();
            var entry = await CheckAsync(app, check);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            return entry;
        }
    }

    [Fact]
    public async Task Before_its_start_and_after_its_stop_the_bus_is_alive_and_not_ready()
    {
        await using var server = new EmbeddedServer();
        await server.StartAsync();
        await using var app = await StartAsync(server, start: false);
        await SaysAsync(app, "redis-ready", HealthStatus.Unhealthy, "The bus is not started");
        await SaysAsync(app, "redis-live", HealthStatus.Healthy, "The process runs");

        await app.StartAsync();
        await SaysAsync(app, "redis-ready", HealthStatus.Healthy, "the bus is started");
        await app.StopAsync();
        await SaysAsync(app, "redis-ready", HealthStatus.Unhealthy, "The bus is not started");
        await SaysAsync(app, "redis-queues", HealthStatus.Healthy, "unknown");
        await SaysAsync(app, "redis-server", HealthStatus.Degraded, "unknown");
    }

    [Fact]
    public async Task The_status_of_checks_is_a_metric_where_asked_for()
    {
        await using var server = new EmbeddedServer();
        await server.StartAsync();
        using var readings = new Readings("masstransit.health.status");
        var name = TestNames.Unique("metric");
        await using (var app = await TestApp.StartAsync(server, x => x.Services = services =>
        {
            services.AddHealthChecks().AddRedisTransport(name: name).AddStatusMetric();
            services.Configure<HealthCheckPublisherOptions>(x => (x.Delay, x.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        }))
        {
            await Eventually.EqualAsync(2, () => readings.Gauge("masstransit.health.status", $"check={name}-ready"), message: "healthy");
        }

        Assert.Null(readings.Gauge("masstransit.health.status", $"check={name}-ready"));
    }

    [Theory]
    [InlineData(nameof(RedisHealthOptions.MaxReady))]
    [InlineData(nameof(RedisHealthOptions.MaxDeadLetters))]
    [InlineData(nameof(RedisHealthOptions.MinReplicas))]
    [InlineData(nameof(RedisHealthOptions.Timeout))]
    [InlineData(nameof(RedisHealthOptions.Queues))]
    public void An_option_out_of_its_range_is_named_with_the_cure(string option)
    {
        var builder = new ServiceCollection().AddHealthChecks();
        var exception = Assert.Throws<ConfigurationException>(() => builder.AddRedisTransport(x => _ = option switch
        {
            nameof(RedisHealthOptions.MaxReady) => x.MaxReady = -1,
            nameof(RedisHealthOptions.MaxDeadLetters) => x.MaxDeadLetters = -1,
            nameof(RedisHealthOptions.MinReplicas) => x.MinReplicas = -1,
            nameof(RedisHealthOptions.Timeout) => Zero(x),
            _ => Bad(x),
        }));
        Assert.Contains($"RedisHealthOptions.{option} is ", exception.Message, StringComparison.Ordinal);

        static long Zero(RedisHealthOptions x)
        {
            x.Timeout = TimeSpan.Zero;
            return 0;
        }

        static long Bad(RedisHealthOptions x)
        {
            x.Queues.Add("not a name");
            return 0;
        }
    }

    static Task<TestApp> StartAsync(TestServer server, Action<RedisHealthOptions>? configure = null,
        Action<IRedisReceiveEndpointConfigurator>? endpoint = null,
        bool start = true) =>
        TestApp.StartAsync(server, x =>
        {
            x.Start = start;
            x.Services = services => services.AddHealthChecks().AddRedisTransport(configure);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", endpoint ?? (e => e.Handler<Ping>(_ => Task.CompletedTask)));
        });

    static async Task<HealthReportEntry> CheckAsync(TestApp app, string name)
    {
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(x => x.Name == name);
        return report.Entries[name];
    }

    static async Task SaysAsync(TestApp app, string name, HealthStatus status, params string[] parts)
    {
        HealthReportEntry entry = default;
        try
        {
            await Eventually.TrueAsync(async () =>
            {
                entry = await CheckAsync(app, name);
                return entry.Status == status && parts.All(x => entry.Description!.Contains(x, StringComparison.Ordinal));
            }, message: name);
        }
        catch (Xunit.Sdk.XunitException exception)
        {
            throw new Xunit.Sdk.XunitException($"{exception.Message} Expected {status} with \"{string.Join("\", \"", parts)}\", last was "
                + $"{entry.Status}: {entry.Description}");
        }
    }
}
