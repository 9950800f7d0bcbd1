using System.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

/// <summary>
/// Whatever the server refuses while a bus starts, and at whatever point, the bus starts by itself once an operator has mended it.
/// One refusal was enough for MassTransit to give the start up for good.
/// </summary>
public sealed class RefusedStartTests
{
    const string Secret = "s3cr3t-of-alice";

    [SkippableTheory]
    [InlineData("-hsetnx", "declare")]
    [InlineData("-sadd", "subscribe")]
    [InlineData("-zpopmin", "lease")]
    [InlineData("-evalsha", "any script")]
    public Task Missing_right_is_waited_for(string rule, string point) => MendedAsync(point, purge: false,
        admin => admin.ExecuteAsync("ACL", "SETUSER", "alice", rule), admin => admin.ExecuteAsync("ACL", "SETUSER", "alice", "+@all"));

    [SkippableFact]
    public Task Missing_right_to_purge_is_waited_for() => MendedAsync("purge", purge: true,
        admin => admin.ExecuteAsync("ACL", "SETUSER", "alice", "-zrange", "-zpopmin", "-hdel"), admin =>
            admin.ExecuteAsync("ACL", "SETUSER", "alice", "+@all"));

    [SkippableFact]
    public Task Server_that_is_a_replica_is_waited_for() => MendedAsync("READONLY", purge: false,
        admin => admin.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"), admin => admin.ExecuteAsync("REPLICAOF", "NO", "ONE"));

    [SkippableFact]
    public Task Full_server_is_waited_for() => MendedAsync("OOM", purge: false,
        admin => admin.ExecuteAsync("CONFIG", "SET", "maxmemory", "1"), admin => admin.ExecuteAsync("CONFIG", "SET", "maxmemory", "0"));

    [SkippableFact]
    public Task Server_that_cannot_write_its_snapshot_is_waited_for() => MendedAsync("MISCONF", purge: false,
        BreakSnapshotsAsync, admin => admin.ExecuteAsync("CONFIG", "SET", "save", ""));

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Foreign_key_of_the_queue_is_waited_for(int index)
    {
        RedisKey key = default;
        await MendedAsync("WRONGTYPE", purge: false, (admin, keys) => admin.StringSetAsync(key = keys[index], "foreign"),
            admin => admin.KeyDeleteAsync(key));
    }

    [SkippableFact]
    public async Task Start_that_is_given_up_ends_and_so_does_the_host()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using var admin = await own.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.Start = false;
            x.HostOptions = o => (o.WaitUntilStarted, o.StartTimeout) = (true, TimeSpan.FromSeconds(2));
            x.Services = s => s.AddHealthChecks().AddRedisTransport();
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("paused", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });

        await Assert.ThrowsAnyAsync<Exception>(() =>
            Eventually.CompletesAsync(app.StartAsync(), TimeSpan.FromSeconds(30), "the start that is given up"));
        Assert.Equal(HealthStatus.Unhealthy, await LiveAsync(app));
        await app.StopAsync();
    }

    [SkippableFact]
    public async Task Host_that_is_still_starting_stops_when_it_is_asked_to()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using var admin = await own.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => (o.WaitUntilStarted, o.StartTimeout) = (false, null);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("paused", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });
        var asked = Stopwatch.GetTimestamp();
        await app.StopAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [SkippableFact]
    public async Task Wrong_password_turns_live_unhealthy_and_the_right_one_on_the_server_mends_it()
    {
        await using var own = await StartAsync();
        await using var admin = await own.ConnectAsync();
        // Without it the client would go on as the user that needs no password.
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "off");
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "alice", "resetpass", ">another");
        var received = new Inbox<int>();
        await using var app = await StartAppAsync(own, received, purge: false);

        await Eventually.EqualAsync(HealthStatus.Unhealthy, () => LiveAsync(app), TimeSpan.FromSeconds(30), "live says so");

        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "alice", $">{Secret}");
        await Eventually.EqualAsync(HealthStatus.Healthy, () => LiveAsync(app), TimeSpan.FromSeconds(40), "live is well again");
        await ReceivesAsync(app, received);
    }

    static Task MendedAsync(string point, bool purge, Func<IDatabase, Task<RedisResult>> damage, Func<IDatabase, Task> mend) =>
        MendedAsync(point, purge, (admin, _) => damage(admin), mend);

    static async Task MendedAsync(string point, bool purge, Func<IDatabase, RedisKey[], Task> damage, Func<IDatabase, Task> mend)
    {
        await using var own = await StartAsync();
        await using var connection = await own.ConnectAsync();
        var admin = connection.GetDatabase();
        var prefix = TestNames.Unique("life");
        await using var server = await ServerSide.ConnectAsync(own, prefix);
        await damage(admin, server.Keys("work").All);
        var received = new Inbox<int>();
        await using var app = await StartAppAsync(own, received, purge, prefix);

        await Eventually.TrueAsync(() => app.Log.Contains("will be tried again") || app.Log.Contains("is tried again"),
            message: $"{point}: the log says so");
        Assert.NotEqual(BusHealthStatus.Healthy, app.Bus.CheckHealth().Status);

        await mend(admin);
        await ReceivesAsync(app, received);
        Assert.Equal(HealthStatus.Healthy, await LiveAsync(app));
    }

    static async Task ReceivesAsync(TestApp app, Inbox<int> received)
    {
        await Eventually.EqualAsync(BusHealthStatus.Healthy, () => app.Bus.CheckHealth().Status, TimeSpan.FromSeconds(40),
            "the bus is healthy");
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
    }

    static Task<TestApp> StartAppAsync(TestServer own, Inbox<int> received, bool purge, string? prefix = null) =>
        TestApp.StartAsync(own, x =>
    {
        x.Prefix = prefix ?? x.Prefix;
        x.HostOptions = o => (o.WaitUntilStarted, o.StartTimeout) = (false, null);
        x.Services = s => s.AddHealthChecks().AddRedisTransport();
        x.UseHost = cfg => cfg.Host($"{own.ConnectionString},user=alice,password={Secret},allowAdmin=false", h =>
        {
            h.KeyPrefix(x.Prefix);
            h.SendTimeout = TimeSpan.FromSeconds(2);
        });
        x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e =>
        {
            e.PurgeOnStartup = purge;
            e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            });
        });
    });

    static async Task<HealthStatus> LiveAsync(TestApp app) =>
        (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(x => x.Tags.Contains("live"))).Status;

    /// <summary>A snapshot cannot take the place of a folder, and from then on every write is refused.</summary>
    static async Task<RedisResult> BreakSnapshotsAsync(IDatabase admin)
    {
        const string name = "dump.rdb";
        var folder = ((string[])(await admin.ExecuteAsync("CONFIG", "GET", "dir"))!)[1];
        Directory.CreateDirectory(Path.Combine(folder, name, "full"));
        await admin.ExecuteAsync("CONFIG", "SET", "save", "3600 1");
        await admin.ExecuteAsync("BGSAVE");
        await Eventually.TrueAsync(async () =>
            ((string?)await admin.ExecuteAsync("INFO", "persistence"))!.Contains("rdb_last_bgsave_status:err", StringComparison.Ordinal),
            message: "the snapshot fails");
        return RedisResult.Create("OK", ResultType.SimpleString);
    }

    static Task<RedisServerProcess> StartAsync()
    {
        var options = new RedisServerOptions();
        options.Users.Add($"alice on >{Secret} ~* &* +@all");
        return OwnServer.StartAsync(options);
    }
}
