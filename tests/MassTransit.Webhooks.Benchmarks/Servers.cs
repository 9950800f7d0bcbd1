using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>The servers of a run: a Redis of its own, and RabbitMQ where there is one.</summary>
internal sealed class Servers : IAsyncDisposable
{
    Servers(RedisServerProcess redis, RabbitMqServer rabbitMq)
    {
        Redis = redis;
        RabbitMq = rabbitMq;
    }

    public RedisServerProcess Redis { get; }

    public RabbitMqServer RabbitMq { get; }

    public static async Task<Servers> StartAsync()
    {
        var servers = new Servers(new RedisServerProcess(), new RabbitMqServer());
        await servers.Redis.StartAsync();
        if (!servers.Redis.IsAvailable)
            throw new InvalidOperationException($"The benchmarks need a redis-server: {servers.Redis.Reason}");
        await servers.RabbitMq.StartAsync();
        return servers;
    }

    /// <summary>Deletes what a scenario has left: a queue of 200,000 webhooks slows nothing down, but takes memory.</summary>
    public async Task ForgetAsync(string prefix)
    {
        await using var redis = await Redis.ConnectAsync();
        var database = redis.GetDatabase();
        foreach (var server in redis.GetServers())
        {
            await foreach (var key in server.KeysAsync(pattern: prefix + "*"))
                await database.KeyDeleteAsync(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await RabbitMq.DisposeAsync();
    }
}
