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
        // A note is no complaint: nothing suffers yet.
        var complaints = servers.SelectMany(x => ServerRules.Judge(x, options, host.Settings.RequiredReplicas))
            .Where(x => x.Severity > RedisFindingSeverity.Note).Select(x => x.Complaint).ToArray();
        if (complaints.Length > 0)
            return HealthCheckResult.Degraded(string.Join(' ', complaints), null, data);

        var unknown = servers.SelectMany(Unknown).Distinct(StringComparer.Ordinal).ToArray();
        return HealthCheckResult.Healthy(unknown.Length == 0
            ? "Nothing is evicted and everything is kept."
            : $"No complaint, but the server does not tell its {string.Join(", ", unknown)}: look in its own settings.", data);
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
