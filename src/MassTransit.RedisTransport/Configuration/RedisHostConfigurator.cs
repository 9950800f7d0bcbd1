using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Configuration;

/// <summary>Turns the user's configuration into connection settings.</summary>
internal sealed class RedisHostConfigurator(RedisConnectionSettings settings) : IRedisHostConfigurator
{
    public TimeSpan SendTimeout
    {
        set => settings.SendTimeout = value;
    }

    public TimeSpan DepthInterval
    {
        set => settings.DepthInterval = value;
    }

    public void KeyPrefix(string prefix) => settings.KeyPrefix = string.IsNullOrEmpty(prefix) ? null : prefix;

    public void Username(string username) => settings.Options.User = username;

    public void Password(string password) => settings.Options.Password = password;

    public void UseTls(string? serverName)
    {
        settings.Options.Ssl = true;
        settings.Options.SslHost = serverName ?? settings.Options.SslHost;
    }

    public void ConfigureConnection(Action<ConfigurationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(settings.Options);
        settings.Database = settings.Options.DefaultDatabase ?? settings.Database;
    }

    public void RequireReplicas(int replicas, TimeSpan timeout)
    {
        settings.RequiredReplicas = replicas;
        settings.ReplicaTimeout = timeout;
    }

    public void AllowEvictionPolicy() => settings.AllowEvictionPolicy = true;

    public void UseOptions(ConfigurationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        settings.Options = options.Clone();
        settings.External = null;
        settings.Database = options.DefaultDatabase ?? 0;
    }

    public void UseConnection(IConnectionMultiplexer connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        settings.External = connection;
        settings.Options = ConfigurationOptions.Parse(connection.Configuration, ignoreUnknown: true);
        settings.Database = settings.Options.DefaultDatabase ?? 0;
    }

    /// <exception cref="ConfigurationException">
    /// The text is neither an address nor a connection string. The message does not contain it, because it may hold a password.
    /// </exception>
    public void UseAddress(string address)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        if (ServerAddress.IsAddress(address))
            UseServer(ServerAddress.Parse(address));
        else
            UseOptions(ServerAddress.ParseConnectionString(address));
    }

    public void UseAddress(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        UseServer(ServerAddress.Parse(address.OriginalString));
    }

    void UseServer(ServerAddress address)
    {
        settings.Options = address.Options;
        settings.External = null;
        settings.Database = address.Database;
        if (address.KeyPrefix is not null)
            settings.KeyPrefix = address.KeyPrefix;
    }

    public void Apply(RedisTransportOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            UseAddress(options.ConnectionString);
        }
        else
        {
            var connection = new ConfigurationOptions { Ssl = options.UseTls };
            connection.EndPoints.Add(options.Host, options.Port);
            UseOptions(connection);
            settings.Database = options.Database;
        }

        if (!string.IsNullOrEmpty(options.User))
            settings.Options.User = options.User;
        if (!string.IsNullOrEmpty(options.Pass))
            settings.Options.Password = options.Pass;
        if (!string.IsNullOrEmpty(options.KeyPrefix))
            settings.KeyPrefix = options.KeyPrefix;
        settings.SendTimeout = options.SendTimeout;
        settings.RequiredReplicas = options.RequiredReplicas;
        settings.ReplicaTimeout = options.ReplicaTimeout;
        settings.AllowEvictionPolicy = options.AllowEvictionPolicy;
    }
}
