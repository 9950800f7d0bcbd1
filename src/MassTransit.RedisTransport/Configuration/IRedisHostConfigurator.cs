using StackExchange.Redis;

namespace MassTransit;

/// <summary>How the bus reaches Redis, and what it asks of the server.</summary>
public interface IRedisHostConfigurator
{
    /// <summary>
    /// How long a send waits through an outage before it throws <see cref="RedisTransportException"/>. Default: 10 seconds. Too
    /// low: a failover (1 to 30 seconds) fails sends; too high: callers hang while Redis is away. One deadline for all of a send: opening
    /// the connection, finding the subscribers, storing, waiting for replicas. A payload whose bytes are still moving is waited for.
    /// </summary>
    TimeSpan SendTimeout { set; }

    /// <summary>
    /// How often the depths of the queues this bus consumes are read for its metrics, while somebody listens to them. Default: 15
    /// seconds, the usual time between two scrapes; 100 ms to 1 hour. Three commands a queue each time. Shorter: fresher depths,
    /// more commands.
    /// </summary>
    TimeSpan DepthInterval { set; }

    /// <summary>Put in front of every key and channel, so that applications share one database. Default: none.</summary>
    /// <param name="prefix">1 to 64 of the characters A-Z a-z 0-9 - _ .</param>
    void KeyPrefix(string prefix);

    /// <summary>The ACL user. Default: the server's default user.</summary>
    /// <param name="username">The user's name.</param>
    void Username(string username);

    /// <summary>The password. Never appears in an address, a log, a header or a probe.</summary>
    /// <param name="password">The user's password.</param>
    void Password(string password);

    /// <summary>Encrypts the connection; <c>rediss://</c> addresses do so by themselves.</summary>
    /// <param name="serverName">The name in the server's certificate. Default: the host's name.</param>
    void UseTls(string? serverName = null);

    /// <summary>Anything else StackExchange.Redis offers: Sentinel (<c>ServiceName</c>, which the transport follows itself), several end points, time limits, certificates.</summary>
    /// <param name="configure">Changes the options the connection is made with.</param>
    void ConfigureConnection(Action<ConfigurationOptions> configure);

    /// <summary>
    /// A send completes only when it is on this many replicas too (<c>WAIT</c>, of the server and the connection that wrote). Costs one
    /// round trip to the replicas per script call, shared by all sends of that call. A failover to one of the others may still lose
    /// it: with as many as there are replicas it cannot. A primary that is cut off together with one needs
    /// <c>min-replicas-to-write</c> on the server.
    /// </summary>
    /// <param name="replicas">How many. 0, the default: the primary is enough.</param>
    /// <param name="timeout">
    /// How long to wait for them before the send throws, at most what <c>SendTimeout</c> has left. The message is then on the primary, and may
    /// still be delivered.
    /// </param>
    void RequireReplicas(int replicas, TimeSpan timeout);

    /// <summary>
    /// Accepts a server whose <c>maxmemory-policy</c> may delete messages, which is refused otherwise. For caches that double as
    /// a queue of messages nobody will miss; logged as critical at every start.
    /// </summary>
    void AllowEvictionPolicy();
}
