using System.Net;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Configuration;

/// <summary>How one bus reaches its server. Holds credentials: never log or probe it.</summary>
internal sealed class RedisConnectionSettings
{
    public ConfigurationOptions Options { get; set; } = new();

    /// <summary>A connection the caller owns; this transport never closes it.</summary>
    public IConnectionMultiplexer? External { get; set; }

    public int Database { get; set; }

    public string? KeyPrefix { get; set; }

    public bool AllowEvictionPolicy { get; set; }

    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>On how many replicas a send must be before it returns; 0: the primary is enough.</summary>
    public int RequiredReplicas { get; set; }

    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For messages and addresses: where the server is, without any credential.</summary>
    public string DisplayAddress =>
        string.Join(',', (External?.GetEndPoints(true) ?? [.. Options.EndPoints]).Select(x => x is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : x.ToString()));
}
