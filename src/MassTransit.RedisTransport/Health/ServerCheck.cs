using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Checks whether the server keeps messages: it evicts nothing, writes to disk, and its replicas follow.</summary>
internal sealed class ServerCheck(EngineHost host, RedisHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (host.Running?.Connection is not { IsConnected: true } connection)
            return HealthCheckResult.Degraded(
                "The server's settings are unknown: there is no connection to it. See the check of readiness.");

        var (servers, problem) = await BoundedQuery.RunAsync(_ => connection.ReadFactsAsync(), host, options.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (servers is null)
            return HealthCheckResult.Degraded($"The server's settings are unknown: {problem}");

        var data = servers.ToDictionary(x => x.Address, x => (object)x.ToString(), StringComparer.Ordinal);
        var complaints = servers.SelectMany(Complaints).ToArray();
        if (complaints.Length > 0)
            return HealthCheckResult.Degraded(string.Join(' ', complaints), null, data);

        var unknown = servers.SelectMany(Unknown).Distinct(StringComparer.Ordinal).ToArray();
        return HealthCheckResult.Healthy(unknown.Length == 0
            ? "Nothing is evicted and everything is kept."
            : $"No complaint, but the server does not tell its {string.Join(", ", unknown)}: look in its own settings.", data);
    }

    IEnumerable<string> Complaints(ServerFacts server)
    {
        if (server.MayEvict)
            yield return $"{server.Address}: maxmemory-policy is '{server.EvictionPolicy}', which may delete messages that wait. Set it "
                + "to 'noeviction' (CONFIG SET maxmemory-policy noeviction, and in redis.conf).";
        if (options.RequirePersistence && server.Persistent is false)
            yield return $"{server.Address}: neither appendonly nor save is on, a restart loses every message. Set 'appendonly yes' "
                + "(CONFIG SET appendonly yes, and in redis.conf).";
        if (server.WriteFailed)
            yield return $"{server.Address}: the last write to its append-only file or snapshot failed. Look at its disk and its log, "
                + "before messages are lost or refused.";
        if (server.Replicas is { } replicas && replicas < options.MinReplicas)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{server.Address}: {replicas} replicas are in step, {options.MinReplicas} are wanted. Start them or mend the network "
                    + $"between; until then a failover may lose messages.");
        if (host.Settings.RequiredReplicas > 0 && server.ReplicasToWrite == 0)
            yield return $"{server.Address}: min-replicas-to-write is 0. Cut off from the others together with one replica, this server "
                + $"goes on confirming what is lost when they are back. "
                + "Set 'min-replicas-to-write' to as many replicas as may not be cut off with it, more than half of them (CONFIG SET "
                + "min-replicas-to-write 1, and in redis.conf).";
    }

    IEnumerable<string> Unknown(ServerFacts server)
    {
        if (server.EvictionPolicy is null)
            yield return "eviction policy";
        if (options.RequirePersistence && server.Persistent is null)
            yield return "persistence";
        if (options.MinReplicas > 0 && server.Replicas is null)
            yield return "replicas";
    }
}
