using StackExchange.Redis;

namespace MassTransit;

/// <summary>Configures a bus on Redis.</summary>
public interface IRedisBusFactoryConfigurator : IBusFactoryConfigurator<IRedisReceiveEndpointConfigurator>
{
    /// <summary>Where Redis is.</summary>
    /// <param name="address"><c>redis://server:6379/0</c> (<c>rediss://</c> for TLS), or a connection string of StackExchange.Redis.</param>
    /// <param name="configure">What else is asked of the server.</param>
    /// <exception cref="ConfigurationException">The address cannot be read.</exception>
    void Host(string address, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Where Redis is.</summary>
    /// <param name="address"><c>redis://server:6379/0</c>, <c>rediss://</c> for TLS.</param>
    /// <param name="configure">What else is asked of the server.</param>
    /// <exception cref="ConfigurationException">The address cannot be read.</exception>
    void Host(Uri address, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Where Redis is.</summary>
    /// <param name="options">Options of StackExchange.Redis, copied.</param>
    /// <param name="configure">What else is asked of the server.</param>
    void Host(ConfigurationOptions options, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Shares a connection of the application. The bus never closes it.</summary>
    /// <param name="connection">An open connection. Its reconnection and backlog policies apply.</param>
    /// <param name="configure">What else is asked of the server.</param>
    void Host(IConnectionMultiplexer connection, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Gives the queue for responses another name than the generated one.</summary>
    /// <param name="queueName">A name no other process uses.</param>
    void OverrideDefaultBusEndpointQueueName(string queueName);
}
