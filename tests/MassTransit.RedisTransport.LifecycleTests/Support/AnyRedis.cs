using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Support;

/// <summary>The assembly's shared redis-server; where there is none, the embedded server, which every machine has.</summary>
public sealed class AnyRedis() : SharedServerFixture(GetAsync)
{
    static async Task<TestServer> GetAsync()
    {
        var redis = await SharedServers.Redis;
        return redis.IsAvailable ? redis : await SharedServers.Embedded;
    }
}

/// <summary>Servers of one test's own, to be flushed, killed and configured at will.</summary>
static class OwnServer
{
    /// <summary>A redis-server where there is one, else an embedded server.</summary>
    public static async Task<TestServer> StartAsync()
    {
        var redis = new RedisServerProcess();
        await redis.StartAsync();
        if (redis.IsAvailable)
            return redis;

        await redis.DisposeAsync();
        var embedded = new EmbeddedServer();
        await embedded.StartAsync();
        return embedded;
    }

    /// <summary>A redis-server with these options; the test is reported as skipped where there is none.</summary>
    public static async Task<RedisServerProcess> StartAsync(RedisServerOptions options)
    {
        var redis = new RedisServerProcess(options);
        await redis.StartAsync();
        redis.SkipIfUnavailable();
        return redis;
    }
}
