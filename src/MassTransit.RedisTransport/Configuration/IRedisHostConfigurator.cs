using StackExchange.Redis;

namespace MassTransit;

/// <summary>Configures the connection to Redis and what the bus requires of the server.</summary>
public interface IRedisHostConfigurator
{
    /// <summary>
    /// How long a send waits during an outage before it throws <see cref="RedisTransportException"/>. Default: 10 seconds. Too low: sends
    /// fail during a failover (1 to 30 seconds). Too high: callers hang while Redis cannot be reached. It is one deadline for all steps of
    /// a send: opening the connection, finding the subscribers, storing, and waiting for replicas. A payload whose bytes are still being
    /// transferred may take longer.
    /// </summary>
    TimeSpan SendTimeout { set; }

    /// <summary>
    /// How often the depths of the queues that this bus consumes are read for its metrics, if somebody listens to them. Default: 15
    /// seconds, the usual interval of scrapes; 100 ms to 1 hour. Each reading costs three commands a queue. Shorter: more current depths,
    /// but more commands.
    /// </summary>
    TimeSpan DepthInterval { set; }

    /// <summary>Sets a prefix of all keys and channels, so that applications can share one database. Default: none.</summary>
    /// <param name="prefix">1 to 64 of the characters A-Z a-z 0-9 - _ .</param>
    void KeyPrefix(string prefix);

    /// <summary>Sets the ACL user. Default: the server's default user.</summary>
    /// <param name="username">The user's name.</param>
    void Username(string username);

    /// <summary>Sets the password. It never appears in an address, a log, a header or a probe.</summary>
    /// <param name="password">The user's password.</param>
    void Password(string password);

    /// <summary>Encrypts the connection. It is not needed for <c>rediss://</c> addresses.</summary>
    /// <param name="serverName">The name in the server's certificate. Default: the host's name.</param>
    void UseTls(string? serverName = null);

    /// <summary>
    /// Sets other options of StackExchange.Redis: Sentinel (<c>ServiceName</c>, which the transport follows itself), several end points,
    /// timeouts, certificates.
    /// </summary>
    /// <param name="configure">Changes the options of the connection.</param>
    void ConfigureConnection(Action<ConfigurationOptions> configure);

    /// <summary>
    /// Completes a send only when it is also on this many replicas (<c>WAIT</c>, on the connection that wrote). This costs one round trip
    /// to the replicas for each script call, shared by all sends of that call. A failover to another replica can still lose the message; it
    /// cannot if the number is that of all replicas. A primary that is cut off together with one replica needs <c>min-replicas-to-write</c>
    /// on the server.
    /// </summary>
    /// <param name="replicas">How many replicas. Default: 0, the primary is enough.</param>
    /// <param name="timeout">
    /// How long to wait for them before the send throws, at most what <c>SendTimeout</c> has left. The message is then on the primary, and
    /// may still be delivered.
    /// </param>
    void RequireReplicas(int replicas, TimeSpan timeout);

    /// <summary>
    /// Accepts a server whose <c>maxmemory-policy</c> may delete messages; otherwise it is refused. Use it only for a cache that also holds
    /// messages which may be lost. It is logged as critical at every start.
    /// </summary>
    void AllowEvictionPolicy();
}
