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

    /// <summary>
    /// Shares a connection of the application. The bus never closes it, and cannot replace it: one that was made through Sentinel
    /// (<c>ServiceName</c>) may stay with the old primary for seconds after a failover and lose what is sent meanwhile. Give the options to
    /// <see cref="Host(ConfigurationOptions, Action{IRedisHostConfigurator}?)"/> there.
    /// </summary>
    /// <param name="connection">
    /// An open connection. Set <c>BacklogPolicy</c> to <c>FailFast</c>, so that calls do not gather in it during an outage, <c>AsyncTimeout</c> to
    /// 2,000 to 5,000 ms, and no <c>ChannelPrefix</c>, which is refused. The rest is warned of in the log once.
    /// </param>
    /// <param name="configure">What else is asked of the server.</param>
    void Host(IConnectionMultiplexer connection, Action<IRedisHostConfigurator>? configure = null);

    /// <summary>Gives the queue for responses another name than the generated one.</summary>
    /// <param name="queueName">A name no other process uses.</param>
    void OverrideDefaultBusEndpointQueueName(string queueName);
}
