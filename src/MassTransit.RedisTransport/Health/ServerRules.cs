using System.Globalization;
using MassTransit.RedisTransport.Broker.Connections;

namespace MassTransit.RedisTransport.Health;

/// <summary>What is wrong with a server, by what it reports. The health check and the findings for operators share these rules.</summary>
internal static class ServerRules
{
    /// <summary>The share of <c>maxmemory</c> above which there is little time left.</summary>
    const double MuchMemory = 0.9;

    /// <param name="server">What the server reports.</param>
    /// <param name="options">What is wanted of it.</param>
    /// <param name="requiredReplicas">How many replicas a send waits for.</param>
    public static IEnumerable<RedisFinding> Judge(ServerFacts server, RedisHealthOptions options, int requiredReplicas)
    {
        if (server.MayEvict)
        {
            yield return Finding(RedisFindingIds.ServerEvicts,
                $"{server.Address}: maxmemory-policy is '{server.EvictionPolicy}', which may delete messages that wait.",
                "Set it to 'noeviction' (CONFIG SET maxmemory-policy noeviction, and in redis.conf).");
        }

        if (options.RequirePersistence && server.Persistent is false)
        {
            yield return Finding(RedisFindingIds.ServerForgets,
                $"{server.Address}: neither appendonly nor save is on, a restart loses every message.",
                "Set 'appendonly yes' (CONFIG SET appendonly yes, and in redis.conf).");
        }

        if (server.WriteFailed)
        {
            yield return Finding(RedisFindingIds.ServerWriteFailed,
                $"{server.Address}: the last write to its append-only file or snapshot failed.",
                "Look at its disk and its log, before messages are lost or refused.");
        }

        if (server.Replicas is { } replicas && replicas < options.MinReplicas)
        {
            yield return Finding(RedisFindingIds.ServerReplicas,
                string.Create(CultureInfo.InvariantCulture,
                    $"{server.Address}: {replicas} replicas are in step, {options.MinReplicas} are wanted."),
                "Start them or mend the network between; until then a failover may lose messages.");
        }

        if (requiredReplicas > 0 && server.ReplicasToWrite == 0)
        {
            yield return Finding(RedisFindingIds.ServerMinReplicas,
                $"{server.Address}: min-replicas-to-write is 0. Cut off from the others together with one replica, this server goes on "
                + "confirming what is lost when they are back.",
                "Set 'min-replicas-to-write' to as many replicas as may not be cut off with it, more than half of them (CONFIG SET "
                + "min-replicas-to-write 1, and in redis.conf).");
        }

        if (server is { MaxMemory: > 0 and var most, UsedMemory: { } used } && used > most * MuchMemory)
        {
            yield return Finding(RedisFindingIds.ServerMemory,
                string.Create(CultureInfo.InvariantCulture,
                    $"{server.Address}: {100.0 * used / most:0} % of its maxmemory of {most / 1048576.0:N0} MiB are used."),
                "When all is used, sends are refused until consumers have made room: raise maxmemory, or find what fills it.")
                with
            { Severity = RedisFindingSeverity.Note };
        }
    }

    static RedisFinding Finding(string id, string sentence, string cure) =>
        new() { Id = id, Severity = RedisFindingSeverity.Degraded, Sentence = sentence, Cure = cure };
}
