using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>What one primary reports about itself; <c>null</c> for values that it does not report.</summary>
/// <param name="Address">The server's address.</param>
/// <param name="EvictionPolicy">Its <c>maxmemory-policy</c>, for example <c>noeviction</c>.</param>
/// <param name="Persistent">False if a restart loses all data.</param>
/// <param name="WriteFailed">True if its last write to disk failed.</param>
/// <param name="Replicas">How many replicas are in sync.</param>
/// <param name="ReplicasToWrite">How many replicas it requires for a write (<c>min-replicas-to-write</c>).</param>
internal sealed record ServerFacts(string Address, string? EvictionPolicy, bool? Persistent, bool WriteFailed, int? Replicas, int? ReplicasToWrite)
{
    /// <summary>Asks every primary by INFO, and by CONFIG GET if that is allowed.</summary>
    public static async Task<ServerFacts[]> ReadAsync(IConnectionMultiplexer multiplexer) =>
        await Task.WhenAll(multiplexer.GetServers()
            .Where(x => x.IsConnected && x.ServerType != ServerType.Sentinel && !x.IsReplica).Select(ReadAsync)).ConfigureAwait(false);

    static async Task<ServerFacts> ReadAsync(IServer server)
    {
        var info = Parse((string?)await ServerSafety.AskAsync(server, "INFO").ConfigureAwait(false) ?? "");
        bool? persistent = null;
        if (info.TryGetValue("aof_enabled", out var aof))
            persistent = aof == "1" || await ServerSafety.ReadSavesAsync(server).ConfigureAwait(false);
        return new ServerFacts(
            server.EndPoint.ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal),
            info.GetValueOrDefault("maxmemory_policy"),
            persistent,
            info.GetValueOrDefault("aof_last_write_status", "ok") != "ok" || info.GetValueOrDefault("rdb_last_bgsave_status", "ok") != "ok",
            InStep(info),
            await ReplicasToWriteAsync(server).ConfigureAwait(false));
    }

    static async Task<int?> ReplicasToWriteAsync(IServer server)
    {
        var answer = await ServerSafety.AskAsync(server, "CONFIG", "GET", "min-replicas-to-write").ConfigureAwait(false);
        return (RedisValue[]?)answer is [_, var value] && int.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var count) ? count : null;
    }

    /// <summary>Counts the replicas in sync. Replicas that still copy the data do not count.</summary>
    static int? InStep(Dictionary<string, string> info)
    {
        if (!info.TryGetValue("connected_slaves", out var connected) || !int.TryParse(connected, CultureInfo.InvariantCulture, out var count))
            return null;
        return Enumerable.Range(0, count)
            .Count(x => info.GetValueOrDefault($"slave{x}")?.Contains("state=online", StringComparison.Ordinal) is true);
    }

    static Dictionary<string, string> Parse(string info)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#')
                fields[line[..colon].ToString()] = line[(colon + 1)..].ToString();
        }

        return fields;
    }
}
