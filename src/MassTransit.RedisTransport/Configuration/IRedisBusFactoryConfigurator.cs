using StackExchange.Redis;

namespace MassTransit;

/// <summary>Configures a bus on Redis.</summary>
public interface IRedisBusFactoryConfigurator : IBusFactoryConfigurator<IRedisReceiveEndpointConfigurator>
{
    /// <summary>Sets the address of Redis.</summary>
    /// <param name="address">
    /// <c>redis://server:6379/0</c> (<c>rediss://</c> for TLS), or a connection string of StackExchange.Redis.
    /// </param>
    /// <param name="configure">Sets further options of the connection.</param>
    /// <exception cref="ConfigurationException">The address cannot be read.</exception>
    void Host(string address, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Sets the address of Redis.</summary>
    /// <param name="address"><c>redis://server:6379/0</c>, <c>rediss://</c> for TLS.</param>
    /// <param name="configure">Sets further options of the connection.</param>
    /// <exception cref="ConfigurationException">The address cannot be read.</exception>
    void Host(Uri address, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Sets the address of Redis.</summary>
    /// <param name="options">Options of StackExchange.Redis, copied.</param>
    /// <param name="configure">Sets further options of the connection.</param>
    void Host(ConfigurationOptions options, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>
    /// Uses a connection of the application. The bus never closes it and cannot replace it. A connection through Sentinel
    /// (<c>ServiceName</c>) may therefore stay with the old primary for seconds after a failover, and messages that are sent meanwhile are
    /// lost. With Sentinel pass the options to <see cref="Host(ConfigurationOptions, Action{IRedisHostConfigurator}?)"/> instead.
    /// </summary>
    /// <param name="connection">
    /// An open connection. Set <c>BacklogPolicy</c> to <c>FailFast</c>, so that calls do not pile up in it during an outage, set
    /// <c>AsyncTimeout</c> to 2,000 to 5,000 ms, and set no <c>ChannelPrefix</c>, which is refused. The log warns once of the other
    /// settings.
    /// </param>
    /// <param name="configure">Sets further options of the connection.</param>
    void Host(IConnectionMultiplexer connection, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Sets the name of the queue for responses, instead of the generated one.</summary>
    /// <param name="queueName">A name that no other process uses.</param>
    void OverrideDefaultBusEndpointQueueName(string queueName);
}
