using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Embedded.Tests;

/// <summary>The servers that other tests stand on do what those tests take for granted.</summary>
public sealed class ServerFixtureTests
{
    [SkippableFact]
    public async Task A_suspended_redis_server_hangs_and_goes_on()
    {
        await using var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfNotControllable();
        var options = server.ConfigurationOptions;
        options.AsyncTimeout = 500;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await connection.GetDatabase().StringSetAsync("key", "value");

        server.Suspend();
        await Assert.ThrowsAsync<RedisTimeoutException>(async () =>
        {
            // The first may just have been answered.
            await connection.GetDatabase().PingAsync();
            await connection.GetDatabase().PingAsync();
        });
        server.Resume();

        await Eventually.TrueAsync(async () => await connection.GetDatabase().StringGetAsync("key") == "value");
        Assert.True(server.MemoryBytes > 1_000_000);
    }

    [SkippableFact]
    public async Task A_killed_redis_server_comes_back_on_its_port_with_its_append_only_file()
    {
        await using var server = new RedisServerProcess(new RedisServerOptions { AppendFsync = "always" });
        await server.StartAsync();
        server.SkipIfNotControllable();
        await using var connection = await server.ConnectAsync();
        await connection.GetDatabase().StringSetAsync("key", "value");
        var port = server.Port;

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        await Eventually.TrueAsync(async () => await connection.GetDatabase().StringGetAsync("key") == "value");
    }

    [SkippableFact]
    public async Task Settings_users_and_tls_reach_the_redis_server()
    {
        await using var server = new RedisServerProcess(new RedisServerOptions
        {
            MaxMemory = "64mb",
            MaxMemoryPolicy = "allkeys-lru",
            Tls = true,
            Users = { "default off", "alice on >secret ~* &* +@all" }
        });
        await server.StartAsync();
        server.SkipIfUnavailable();
        var options = server.ConfigurationOptions;
        (options.User, options.Password) = ("alice", "secret");
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);

        await Eventually.TrueAsync(() => connection.IsConnected);
        Assert.Equal("alice", (string?)await connection.GetDatabase().ExecuteAsync("ACL", "WHOAMI"));
        Assert.Equal("allkeys-lru", (await connection.GetServers()[0].ConfigGetAsync("maxmemory-policy"))[0].Value);
    }

    [SkippableFact]
    public async Task Sentinels_promote_a_replica_when_the_primary_is_killed()
    {
        await using var cluster = new SentinelCluster();
        await cluster.StartAsync();
        cluster.SkipIfNotControllable();
        await using var connection = await cluster.ConnectAsync();
        await Eventually.TrueAsync(async () => await connection.GetDatabase().StringSetAsync("key", "value"));
        Assert.Equal(1, (long)await connection.GetDatabase().ExecuteAsync("WAIT", 1, 5000));

        var killed = await cluster.KillPrimaryAsync();
        var promoted = await cluster.WaitForFailoverAsync(killed);

        Assert.NotEqual(killed, promoted);
        await Eventually.TrueAsync(async () => await connection.GetDatabase().StringSetAsync("key", "after"), TimeSpan.FromSeconds(60));
    }

    [SkippableFact]
    public async Task A_redis_cluster_serves_keys_of_every_node()
    {
        await using var cluster = new RedisClusterServers();
        await cluster.StartAsync();
        cluster.SkipIfUnavailable();
        await using var connection = await cluster.ConnectAsync();
        await Eventually.TrueAsync(() => connection.IsConnected);

        for (var i = 0; i < 50; i++)
            await connection.GetDatabase().StringSetAsync($"key{i}", i);

        foreach (var server in cluster.Servers)
            Assert.True(await connection.GetServer("127.0.0.1", server.Port).DatabaseSizeAsync() > 0);
    }

    [SkippableFact]
    public async Task RabbitMq_starts_and_ends_with_its_fixture()
    {
        await using var server = new RabbitMqServer();
        await server.StartAsync();
        server.SkipIfUnavailable();

        Assert.StartsWith("amqp://", server.ConnectionString, StringComparison.Ordinal);
        server.SkipIfNotControllable();
        Assert.True(server.MemoryBytes > 10_000_000);
        await server.DisposeAsync();
        Assert.Null(await RespProbe.SendAsync(server.Port, "AMQP????"));
    }

    [Fact]
    public async Task The_embedded_fixture_keeps_port_and_data_over_a_restart()
    {
        await using var server = new EmbeddedServer(keepData: true);
        await server.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.GetDatabase().StringSetAsync("key", "value");

        await server.RestartAsync();

        await Eventually.TrueAsync(async () => await connection.GetDatabase().StringGetAsync("key") == "value");
    }
}
