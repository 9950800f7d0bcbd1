namespace MassTransit.RedisTransport.Testing;

/// <summary>
/// The servers that all ordinary tests of an assembly share, started when first asked for and ended with the test
/// process. Tests use names of their own (<see cref="TestNames"/>) and never clear a shared server.
/// </summary>
public static class SharedServers
{
    static readonly Lazy<Task<TestServer>> LazyRedis =
        new(() => StartAsync(new RedisServerProcess(new RedisServerOptions { AllowExternal = true })));
    static readonly Lazy<Task<TestServer>> LazyEmbedded = new(() => StartAsync(new EmbeddedServer()));
    static readonly Lazy<Task<TestServer>> LazySentinel = new(() => StartAsync(new SentinelCluster()));
    static readonly Lazy<Task<TestServer>> LazyCluster = new(() => StartAsync(new RedisClusterServers()));
    static readonly Lazy<Task<TestServer>> LazyRabbitMq = new(() => StartAsync(new RabbitMqServer()));

    public static Task<TestServer> Redis => LazyRedis.Value;

    public static Task<TestServer> Embedded => LazyEmbedded.Value;

    public static Task<TestServer> Sentinel => LazySentinel.Value;

    public static Task<TestServer> Cluster => LazyCluster.Value;

    public static Task<TestServer> RabbitMq => LazyRabbitMq.Value;

    static async Task<TestServer> StartAsync(TestServer server)
    {
        // Processes also die with this one (see Launcher); this is for their folders and for containers.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        await server.StartAsync();
        return server;
    }
}
