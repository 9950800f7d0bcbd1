using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.OpenTelemetry.Tests.Support;

/// <summary>Spans of one process go to every provider in it: tests that count them run one after the other.</summary>
static class Collections
{
    public const string OneByOne = "one by one";
}

static class Servers
{
    public static async Task<TestServer> GetAsync(string name)
    {
        var server = await (name == "redis-server" ? SharedServers.Redis : SharedServers.Embedded);
        server.SkipIfUnavailable();
        return server;
    }

    /// <summary>redis-server where there is one, the embedded server otherwise.</summary>
    public static async Task<TestServer> AnyAsync()
    {
        var server = await SharedServers.Redis;
        return server.IsAvailable ? server : await SharedServers.Embedded;
    }
}
