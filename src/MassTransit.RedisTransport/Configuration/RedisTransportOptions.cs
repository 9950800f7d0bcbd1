namespace MassTransit;

/// <summary>
/// The connection settings as <c>IOptions</c>; with MultiBus they are named options under the bus's name. Values that <c>cfg.Host(...)</c>
/// sets in <c>UsingRedis</c> take precedence.
/// </summary>
public class RedisTransportOptions
{
    /// <summary>
    /// <c>redis://user:password@server:6379/0</c>, or a connection string of StackExchange.Redis (several servers, Sentinel, cluster). If
    /// it is set, <see cref="Host"/>, <see cref="Port"/>, <see cref="Database"/> and <see cref="UseTls"/> are ignored.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The server's name. Default: localhost.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The server's port. Default: 6379.</summary>
    public int Port { get; set; } = 6379;

    /// <summary>The index of the database. Default: 0, the only one of a cluster.</summary>
    public int Database { get; set; }

    /// <summary>The ACL user. Default: the server's default user.</summary>
    public string? User { get; set; }

    /// <summary>The password. Default: none.</summary>
    public string? Pass { get; set; }

    /// <summary>Whether the connection is encrypted. Default: false.</summary>
    public bool UseTls { get; set; }

    /// <summary>The prefix of all keys. Default: none. See <see cref="IRedisHostConfigurator.KeyPrefix"/>.</summary>
    public string? KeyPrefix { get; set; }

    /// <summary>
    /// How long a send waits during an outage. Default: 10 seconds. See <see cref="IRedisHostConfigurator.SendTimeout"/>.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many replicas must have a message before its send completes. Default: 0. See
    /// <see cref="IRedisHostConfigurator.RequireReplicas"/>.
    /// </summary>
    public int RequiredReplicas { get; set; }

    /// <summary>How long a send waits for the replicas. Default: 1 second.</summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether a server that may delete messages is accepted. Default: false. See <see cref="IRedisHostConfigurator.AllowEvictionPolicy"/>.
    /// </summary>
    public bool AllowEvictionPolicy { get; set; }
}
