using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Infrastructure;

/// <summary>A redis-server where there is one, else the embedded server: the suite runs with the SDK alone.</summary>
public sealed class ConformanceServer() : SharedServerFixture(StartAsync)
{
    static async Task<TestServer> StartAsync() =>
        await SharedServers.Redis is { IsAvailable: true } redis ? redis : await SharedServers.Embedded;
}
