using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Servers;

/// <summary>A server the suite runs on, and how an application would be configured to use it.</summary>
public abstract class BrokerServer : IAsyncLifetime
{
    ConnectionMultiplexer? _admin;
    QueueBroker? _broker;

    /// <summary>Garnet differs where it says so: no memory limit, no slow log, no DEBUG.</summary>
    public virtual bool IsRedis => true;

    public virtual int Database => 0;

    public virtual string? KeyPrefix => null;

    /// <summary>The broker most tests share, as the threads of an application do.</summary>
    internal QueueBroker Broker => _broker ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>Looks behind the broker's back, and stands in for what other programs and time do to the data.</summary>
    internal IDatabase Raw => Admin.GetDatabase(Database);

    internal ConnectionMultiplexer Admin => _admin ?? throw new InvalidOperationException("The server is not started.");

    protected abstract string ConnectionString { get; }

    internal RedisConnectionSettings CreateSettings() => new()
    {
        Options = ConfigurationOptions.Parse(ConnectionString),
        Database = Database,
        KeyPrefix = KeyPrefix,
    };

    /// <summary>Another process, as far as the server can tell.</summary>
    internal QueueBroker CreateBroker(Action<RedisConnectionSettings>? configure = null, TimeProvider? time = null)
    {
        var settings = CreateSettings();
        configure?.Invoke(settings);
        return new QueueBroker(settings, NullLogger.Instance, time);
    }

    public async Task InitializeAsync()
    {
        await StartAsync();
        var options = ConfigurationOptions.Parse(ConnectionString);
        options.AllowAdmin = true;
        _admin = await ConnectionMultiplexer.ConnectAsync(options);
        _broker = CreateBroker();
    }

    public async Task DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_admin is not null)
            await _admin.DisposeAsync();
        await StopAsync();
    }

    protected abstract Task StartAsync();

    protected abstract Task StopAsync();
}
