using System.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Endpoints;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

public sealed class ReplicaTests
{
    [SkippableFact]
    public async Task Send_that_a_replica_must_have_completes_when_it_has()
    {
        await using var primary = await OwnServer.StartAsync(new RedisServerOptions { ExtraLines = { "repl-diskless-sync-delay 0" } });
        await using var replica =
            await OwnServer.StartAsync(new RedisServerOptions { ExtraLines = { $"replicaof 127.0.0.1 {primary.Port}" } });
        await using var connection = await primary.ConnectAsync();
        await Eventually.TrueAsync(async () => ((string?)await connection.GetDatabase().ExecuteAsync("INFO", "replication") ?? "")
            .Contains("state=online", StringComparison.Ordinal),
            message: "the replica is in step");

        await using var app = await TestApp.StartAsync(primary, x => x.Host = h => h.RequireReplicas(1, TimeSpan.FromSeconds(10)));
        await app.SendAsync("replicated", new Ping(1));
        await using var copy = await replica.ConnectAsync();
        await using var server = await ServerSide.ConnectAsync(primary, app.Prefix);
        // At once: that is what the wait was for.
        Assert.Equal(1,
            await copy.GetDatabase().HashLengthAsync(server.Keys("replicated").Messages, StackExchange.Redis.CommandFlags.DemandReplica));
    }

    [SkippableFact]
    public async Task Send_without_its_replicas_fails_clearly_within_its_bound()
    {
        await using var primary = await OwnServer.StartAsync(new RedisServerOptions());
        await using var app = await TestApp.StartAsync(primary, x => x.Host = h => h.RequireReplicas(1, TimeSpan.FromMilliseconds(300)));
        var started = Stopwatch.GetTimestamp();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => app.SendAsync("alone", new Ping(1)));
        Assert.Contains("0 of 1 required replicas", refused.ToString(), StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    [SkippableFact]
    public async Task Publish_without_its_replicas_fails_clearly_and_is_stored_once()
    {
        await using var primary = await OwnServer.StartAsync(new RedisServerOptions());
        var prefix = TestNames.Unique("alone");
        await using var server = await ServerSide.ConnectAsync(primary, prefix);
        await server.Engine.Topology.SubscribeAsync("MassTransit.RedisTransport.LifecycleTests.Endpoints:ShopOpened", "alone",
            temporary: false);
        await using var app = await TestApp.StartAsync(primary, x =>
        {
            x.Prefix = prefix;
            x.Host = h => h.RequireReplicas(1, TimeSpan.FromMilliseconds(200));
        });

        // The first publish of a type with base types writes links before it sends.
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => app.Bus.Publish(new ShopOpened(1)));
        Assert.Contains("0 of 1 required replicas", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await server.CountAsync("alone")).Ready);
    }
}
