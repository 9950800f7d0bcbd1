using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Servers;

/// <summary>A server the suite runs on, and how an application would be configured to use it.</summary>
public abstract class BrokerServer(Func<Task<TestServer>> get) : IAsyncLifetime
{
    TestServer? _server;
    ConnectionMultiplexer? _admin;
    QueueEngine? _engine;

    public virtual int Database => 0;

    public virtual string? KeyPrefix => null;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>The engine most tests share, as the threads of an application do.</summary>
    internal QueueEngine Engine => _engine ??= CreateEngine();

    /// <summary>Looks behind the engine's back, and stands in for what other programs and time do to the data.</summary>
    internal IDatabase Raw => Admin.GetDatabase(Database);

    internal ConnectionMultiplexer Admin => _admin ?? throw new InvalidOperationException("The server is not started.");

    internal RedisConnectionSettings CreateSettings() => new()
    {
        Options = ConfigurationOptions.Parse(Server.ConnectionString),
        Database = Database,
        KeyPrefix = KeyPrefix,
    };

    /// <summary>Another process, as far as the server can tell.</summary>
    internal QueueEngine CreateEngine(Action<RedisConnectionSettings>? configure = null, TimeProvider? time = null)
    {
        var settings = CreateSettings();
        configure?.Invoke(settings);
        return new QueueEngine(settings, NullLogger.Instance, time);
    }

    public async Task InitializeAsync()
    {
        _server = await get();
        if (_server.IsAvailable)
            _admin = await _server.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        if (_engine is not null)
            await _engine.DisposeAsync();
        if (_admin is not null)
            await _admin.DisposeAsync();
    }
}

public sealed class OnRedis() : BrokerServer(() => SharedServers.Redis);

public sealed class OnEmbedded() : BrokerServer(() => SharedServers.Embedded);

public sealed class OnCluster() : BrokerServer(() => SharedServers.Cluster);

public sealed class OnSentinel() : BrokerServer(() => SharedServers.Sentinel);

/// <summary>One of two applications that share a server.</summary>
public sealed class OnDatabaseWithPrefix() : BrokerServer(() => SharedServers.Redis)
{
    public override int Database => 5;

    public override string KeyPrefix => "application";
}
