namespace MassTransit;

/// <summary>
/// Where Redis is, through <c>IOptions</c>; named by the bus with MultiBus. What <c>cfg.Host(...)</c> sets in
/// <c>UsingRedis</c> wins.
/// </summary>
public class RedisTransportOptions
{
    /// <summary>
    /// <c>redis://user:password@server:6379/0</c>, or a connection string of StackExchange.Redis (several servers, Sentinel,
    /// cluster). Where it is set, <see cref="Host"/>, <see cref="Port"/>, <see cref="Database"/> and <see cref="UseTls"/> are not read.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The server's name. Default: localhost.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The server's port. Default: 6379.</summary>
    public int Port { get; set; } = 6379;

    /// <summary>The database's index. Default: 0. A cluster has no other.</summary>
    public int Database { get; set; }

    /// <summary>The ACL user. Default: the server's default user.</summary>
    public string? User { get; set; }

    /// <summary>The password. Default: none.</summary>
    public string? Pass { get; set; }

    /// <summary>Whether the connection is encrypted. Default: false.</summary>
    public bool UseTls { get; set; }

    /// <summary>Put in front of every key. Default: none. See <see cref="IRedisHostConfigurator.KeyPrefix"/>.</summary>
    public string? KeyPrefix { get; set; }

    /// <summary>How long a send waits through an outage. Default: 10 seconds. See <see cref="IRedisHostConfigurator.SendTimeout"/>.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>On how many replicas a send must be. Default: 0. See <see cref="IRedisHostConfigurator.RequireReplicas"/>.</summary>
    public int RequiredReplicas { get; set; }

    /// <summary>How long a send waits for the replicas. Default: 1 second.</summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Accepts a server that may delete messages. Default: false. See <see cref="IRedisHostConfigurator.AllowEvictionPolicy"/>.</summary>
    public bool AllowEvictionPolicy { get; set; }
}
