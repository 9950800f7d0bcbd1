using Xunit;

namespace MassTransit.RedisTransport.Testing;

/// <summary>Gives a test class a server that the assembly shares; the server outlives the fixture.</summary>
public abstract class SharedServerFixture(Func<Task<TestServer>> get) : IAsyncLifetime
{
    TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The fixture has not been initialized.");

    public async Task InitializeAsync() => _server = await get();

    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>One redis-server for the assembly.</summary>
public sealed class SharedRedis() : SharedServerFixture(() => SharedServers.Redis);

/// <summary>One embedded server for the assembly.</summary>
public sealed class SharedEmbedded() : SharedServerFixture(() => SharedServers.Embedded);

/// <summary>One primary with replica and sentinels for the assembly; not for tests that kill it.</summary>
public sealed class SharedSentinel() : SharedServerFixture(() => SharedServers.Sentinel);

/// <summary>One cluster for the assembly.</summary>
public sealed class SharedCluster() : SharedServerFixture(() => SharedServers.Cluster);

/// <summary>One RabbitMQ for the assembly.</summary>
public sealed class SharedRabbitMq() : SharedServerFixture(() => SharedServers.RabbitMq);
