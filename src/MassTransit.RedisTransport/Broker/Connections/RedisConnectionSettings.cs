using System.Net;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>The connection settings of one bus. They contain credentials, so they must not be logged or probed.</summary>
internal sealed class RedisConnectionSettings
{
    public ConfigurationOptions Options { get; set; } = new() { EndPoints = { { "localhost", RedisHostAddress.DefaultPort } } };

    /// <summary>A connection of the application. The transport never closes it.</summary>
    public IConnectionMultiplexer? External { get; set; }

    public int Database { get; set; }

    public string? KeyPrefix { get; set; }

    public bool AllowEvictionPolicy { get; set; }

    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many replicas must have a message before its send completes; 0: the primary is enough.</summary>
    public int RequiredReplicas { get; set; }

    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the depths of queues are read while somebody listens to them.</summary>
    public TimeSpan DepthInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>True if the transport asks the sentinels itself. A connection of the application has already asked them.</summary>
    public bool UsesSentinel => External is null && Options.ServiceName is { Length: > 0 };

    /// <summary>The server's address without credentials, for messages and addresses.</summary>
    public string DisplayAddress =>
        string.Join(',', (External?.GetEndPoints(true) ?? [.. Options.EndPoints])
            .Select(x => x is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : x.ToString()));

    /// <summary>The address of the host, as it is written into messages.</summary>
    public RedisHostAddress Address
    {
        get
        {
            var scheme = Options.Ssl ? RedisHostAddress.TlsScheme : RedisHostAddress.PlainScheme;
            var endpoint = External?.GetEndPoints(true).FirstOrDefault() ?? Options.EndPoints.FirstOrDefault();
            return endpoint switch
            {
                _ when Options.ServiceName is { Length: > 0 } service =>
                    new(scheme, service, RedisHostAddress.DefaultPort, Database, KeyPrefix),
                DnsEndPoint dns => new(scheme, dns.Host, Port(dns.Port), Database, KeyPrefix),
                IPEndPoint ip => new(scheme, ip.Address.ToString(), Port(ip.Port), Database, KeyPrefix),
                _ => new(scheme, "localhost", RedisHostAddress.DefaultPort, Database, KeyPrefix),
            };
        }
    }

    /// <summary>The errors, each with the option, its value and the cure.</summary>
    public IEnumerable<(string Option, string Problem)> Problems()
    {
        if (Database is < 0 or > 65535)
            yield return ("Database", $"is {Database}: give the index of a database, 0 to 15 unless the server has more");
        if (KeyPrefix is { } prefix && (prefix.Length > 64 || !QueueName.IsValid(prefix) || prefix.Contains(':', StringComparison.Ordinal)))
            yield return ("KeyPrefix",
                $"is '{prefix}': use 1 to 64 of the characters A-Z a-z 0-9 - _ . (not '.' or '..' alone, which addresses collapse)");
        if (SendTimeout < TimeSpan.FromMilliseconds(100) || SendTimeout > TimeSpan.FromMinutes(1))
            yield return ("SendTimeout", $"is {SendTimeout}: choose 100 ms to 1 minute, above the time a failover takes");
        // Scripts publish wake-ups under the channel's plain name, which a connection with a channel prefix cannot subscribe to.
        if (External is not null && !Options.ChannelPrefix.IsNullOrEmpty)
            yield return ("Host(connection)", $"has the ChannelPrefix '{Options.ChannelPrefix}': connect without one (KeyPrefix keeps "
                + "applications apart, channels included)");
        if (DepthInterval < TimeSpan.FromMilliseconds(100) || DepthInterval > TimeSpan.FromHours(1))
            yield return ("DepthInterval", $"is {DepthInterval}: choose 100 ms to 1 hour, at most how often metrics are collected");
        if (RequiredReplicas is < 0 or > 100)
            yield return ("RequireReplicas", $"is {RequiredReplicas}: give the number of replicas that must confirm, 0 for none");
        if (RequiredReplicas > 0 && (ReplicaTimeout <= TimeSpan.Zero || ReplicaTimeout > TimeSpan.FromSeconds(30)))
            yield return ("RequireReplicas timeout", $"is {ReplicaTimeout}: choose 1 ms to 30 seconds");
    }

    /// <summary>The risky settings of the application's connection, each with the cure. They cannot be changed from here.</summary>
    public IEnumerable<string> ExternalRisks()
    {
        if (Options.ServiceName is { Length: > 0 })
        {
            yield return "it was made through Sentinel by the client itself, which may stay with the old primary for seconds after a "
                + "failover, so that sends that were confirmed are lost: give the options or the connection string to Host instead, and "
                + "the transport follows the sentinels at once";
        }

        if (!ReferenceEquals(Options.BacklogPolicy, BacklogPolicy.FailFast) && Options.BacklogPolicy.QueueWhileDisconnected)
            yield return "it queues calls while it is disconnected, and sends them late: set BacklogPolicy to BacklogPolicy.FailFast";
        if (Options.AsyncTimeout > 10_000)
            yield return $"its AsyncTimeout is {Options.AsyncTimeout} ms, for four times of which a server that vanished without a word "
                + "is waited for: set 2,000 to 5,000 ms";
    }

    static int Port(int port) => port == 0 ? RedisHostAddress.DefaultPort : port;
}
