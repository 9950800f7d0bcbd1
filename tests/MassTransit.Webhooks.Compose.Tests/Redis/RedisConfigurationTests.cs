using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Compose.Tests.Support;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Compose.Tests.Redis;

/// <summary>What the compose file starts of Redis, started here without containers.</summary>
public sealed class RedisConfigurationTests
{
    [SkippableFact]
    public async Task Redis_evicts_nothing_and_appends_everything()
    {
        await using var server = await StartAsync(new ComposedRedis("redis"));
        await AssertSafeAsync(server);
    }

    [SkippableFact]
    public async Task Sentinels_agree_and_fail_over_to_a_replica_that_is_as_safe()
    {
        await using var primary = await StartAsync(new ComposedRedis("redis"));
        await using var first = await StartAsync(new ComposedRedis("redis-replica-1", primary.Port));
        await using var second = await StartAsync(new ComposedRedis("redis-replica-2", primary.Port));
        await AssertSafeAsync(first);
        await using var one = await StartAsync(new ComposedSentinel(primary.Port));
        await using var two = await StartAsync(new ComposedSentinel(primary.Port));
        await using var three = await StartAsync(new ComposedSentinel(primary.Port));
        foreach (var sentinel in new[] { one, two, three })
        {
            await Eventually.TrueAsync(async () =>
                (await RespProbe.SendAsync(sentinel.Port, "INFO sentinel"))!.Contains("name=webhooks,status=ok", StringComparison.Ordinal)
                && (await RespProbe.SendAsync(sentinel.Port, "INFO sentinel"))!.Contains("slaves=2,sentinels=3", StringComparison.Ordinal),
                TimeSpan.FromSeconds(40), "the sentinels know all");
        }

        var options =
            ConfigurationOptions.Parse($"{one.ConnectionString},{two.ConnectionString},{three.ConnectionString},serviceName=webhooks");
        await using (var client = await ConnectionMultiplexer.ConnectAsync(options))
        {
            await client.GetDatabase().StringSetAsync("before", "1");
            await Eventually.EqualAsync(2, async () => (int)(await client.GetDatabase().ExecuteAsync("WAIT", "2", "100")),
                message: "both replicas have it");
        }

        await primary.KillAsync();
        await Eventually.TrueAsync(async () =>
        {
            await using var client = await ConnectionMultiplexer.ConnectAsync(options);
            return await client.GetDatabase().StringGetAsync("before") == "1" && await client.GetDatabase().StringSetAsync("after", "1");
        }, TimeSpan.FromSeconds(60), "another server is the primary, has the data and takes writes");
    }

    [SkippableFact]
    public async Task Six_nodes_become_a_cluster_by_the_script_and_the_script_may_run_again()
    {
        await using var servers = new Nodes();
        for (var i = 1; i <= 6; i++)
            servers.Add(await StartAsync(new ComposedRedis($"redis-node-{i}")));
        await AssertSafeAsync(servers[0]);

        Assert.Equal(
            ["redis-node-1:6379", "redis-node-2:6379", "redis-node-3:6379", "redis-node-4:6379", "redis-node-5:6379", "redis-node-6:6379"],
            ComposeFiles.Command("redis-create-cluster")[2..]);
        Assert.NotNull(Create(servers));
        await Eventually.TrueAsync(async () =>
        {
            foreach (var server in servers)
            {
                var info = await RespProbe.SendAsync(server.Port, "CLUSTER INFO") ?? "";
                if (!info.Contains("cluster_state:ok", StringComparison.Ordinal)
                    || !info.Contains("cluster_size:3", StringComparison.Ordinal)
                    || !info.Contains("cluster_known_nodes:6", StringComparison.Ordinal))
                    return false;
            }

            return true;
        }, TimeSpan.FromSeconds(40), "three primaries and three replicas");
        Assert.Equal("The cluster is there.", Create(servers));

        await using var client = await ConnectionMultiplexer.ConnectAsync(string.Join(',', servers.Select(x => x.ConnectionString)));
        Assert.True(await client.GetDatabase().StringSetAsync("any", "1"));
    }

    static string? Create(Nodes servers) => Executable.Run("sh", TimeSpan.FromSeconds(60),
        [ComposeFiles.Path("redis", "create-cluster.sh"), .. servers.Select(x => x.ClusterAddress)]);

    static async Task AssertSafeAsync(ManagedServer server)
    {
        await using var connection = await server.ConnectAsync();
        var redis = connection.GetServers()[0];
        Assert.Equal("noeviction", (await redis.ConfigGetAsync("maxmemory-policy"))[0].Value);
        Assert.Equal("yes", (await redis.ConfigGetAsync("appendonly"))[0].Value);
        Assert.Equal("everysec", (await redis.ConfigGetAsync("appendfsync"))[0].Value);
    }

    static async Task<T> StartAsync<T>(T server)
        where T : ManagedServer
    {
        await server.StartAsync();
        server.SkipIfUnavailable();
        return server;
    }

    sealed class Nodes : List<ComposedRedis>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var node in this)
                await node.DisposeAsync();
        }
    }
}
