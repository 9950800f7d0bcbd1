using System.Globalization;
using MassTransit.RedisTransport.Addressing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Configuration;

/// <summary>Turns what the user types into connection settings.</summary>
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

    /// <exception cref="ConfigurationException">The text is neither an address nor a connection string. It is not repeated: it may hold a password.</exception>
    public void UseAddress(string address)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        if (address.Contains("://", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
                throw new ConfigurationException("The host address is not a URI. Write redis://server:6379/0, rediss:// for TLS.");
            UseAddress(uri);
            return;
        }

        try
        {
            UseOptions(ConfigurationOptions.Parse(address));
        }
        catch (ArgumentException)
        {
            throw new ConfigurationException(
                "The connection string cannot be read. Write redis://server:6379/0, or server:6379,user=…,password=…,ssl=true as StackExchange.Redis has it.");
        }
    }

    public void UseAddress(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!RedisHostAddress.IsScheme(address.Scheme))
            throw new ConfigurationException($"The host address has the scheme '{address.Scheme}'. Write redis://server:6379/0, rediss:// for TLS.");

        if (address.Host.Length == 0)
            throw new ConfigurationException("The host address names no server. Write redis://server:6379/0, rediss:// for TLS.");

        var options = new ConfigurationOptions();
        options.EndPoints.Add(address.Host, address.Port > 0 ? address.Port : RedisHostAddress.DefaultPort);
        options.Ssl = address.Scheme == RedisHostAddress.TlsScheme;
        if (address.UserInfo.Length > 0)
        {
            var parts = address.UserInfo.Split(':', 2);
            if (parts.Length == 2)
            {
                options.User = parts[0].Length > 0 ? Uri.UnescapeDataString(parts[0]) : null;
                options.Password = Uri.UnescapeDataString(parts[1]);
            }
            else
            {
                options.Password = Uri.UnescapeDataString(parts[0]);
            }
        }

        settings.Options = options;
        settings.External = null;
        settings.Database = 0;
        var segments = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length > 2 || (segments.Length > 0 && !int.TryParse(segments[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new ConfigurationException($"The path of the host address is '{address.AbsolutePath}'. Write the database's number: redis://server:6379/0.");
        if (segments.Length > 0)
            settings.Database = int.Parse(segments[0], CultureInfo.InvariantCulture);
        if (segments.Length > 1)
            settings.KeyPrefix = Uri.UnescapeDataString(segments[1]);
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
