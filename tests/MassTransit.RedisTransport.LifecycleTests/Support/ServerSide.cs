using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.LifecycleTests.Support;

/// <summary>Sees and manipulates what lies on the server, over a connection of its own.</summary>
sealed class ServerSide : IAsyncDisposable
{
    readonly ConnectionMultiplexer _connection;

    ServerSide(ConnectionMultiplexer connection, QueueEngine engine, string? prefix, int database)
    {
        _connection = connection;
        Engine = engine;
        Prefix = prefix;
        Database = connection.GetDatabase(database);
    }

    public IDatabase Database { get; }

    public IConnectionMultiplexer Connection => _connection;

    public QueueEngine Engine { get; }

    public string? Prefix { get; }

    public static async Task<ServerSide> ConnectAsync(TestServer server, string? prefix, int database = 0)
    {
        var connection = await server.ConnectAsync();
        var settings = new RedisConnectionSettings { Options = server.ConfigurationOptions, KeyPrefix = prefix, Database = database };
        return new ServerSide(connection, new QueueEngine(settings, NullLogger.Instance), prefix, database);
    }

    public KeyLayout Layout => new(Prefix, Database.Database);

    public QueueKeys Keys(string queue) => Engine.Queue(queue).Keys;

    public Task<QueueCounts> CountAsync(string queue) => Engine.Queue(queue).CountAsync();

    /// <summary>Waits until nothing of the queue waits, is leased or delayed.</summary>
    public Task EmptyAsync(string queue) =>
        Eventually.EqualAsync((0L, 0L, 0L, 0L), async () =>
        {
            var counts = await CountAsync(queue);
            return (counts.Ready, counts.Delayed, counts.Leased, counts.Records);
        }, message: $"'{queue}' is empty");

    public async Task<IReadOnlyList<(MessageRecord Record, StoredMessage Message)>> ReadAsync(string queue)
    {
        var stored = await Engine.Queue(queue).PeekAsync(MessageState.Ready, 0, 1_000);
        return [.. stored.Select(x => (MessageRecord.TryParse(x.Record ?? default, out var record) ? record : new MessageRecord(), x))];
    }

    /// <summary>Every key of this test's prefix.</summary>
    public async Task<string[]> AllKeysAsync()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var server in _connection.GetServers().Where(x => x.IsConnected && !x.IsReplica))
        {
            await foreach (var key in server.KeysAsync(Database.Database, $"{Prefix}*"))
                found.Add(key.ToString());
        }

        return [.. found];
    }

    /// <summary>Names of the clients that are connected, the transport's among them.</summary>
    public async Task<int> CountClientsAsync(string name)
    {
        var list = (string?)await Database.ExecuteAsync("CLIENT", "LIST") ?? "";
        return list.Split('\n').Count(x => x.Contains($" name={name} ", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
