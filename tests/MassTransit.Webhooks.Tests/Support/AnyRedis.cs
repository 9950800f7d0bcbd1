using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.Tests.Support;

/// <summary>redis-server where there is one, the embedded server otherwise.</summary>
public sealed class AnyRedis : IAsyncLifetime
{
    TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The fixture has not been initialized.");

    public async Task InitializeAsync()
    {
        _server = await SharedServers.Redis;
        if (!_server.IsAvailable)
            _server = await SharedServers.Embedded;
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
