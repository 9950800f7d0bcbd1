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
internal sealed record ServerFacts(string Address, string? EvictionPolicy, bool? Persistent, bool WriteFailed = false,
    int? Replicas = null, int? ReplicasToWrite = null)
{
    /// <summary>What it is: <c>redis</c>, <c>valkey</c>, <c>garnet</c>.</summary>
    public string? Product { get; init; }

    public string? Version { get; init; }

    /// <summary><c>standalone</c> or <c>cluster</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>How many bytes its data and buffers take.</summary>
    public long? UsedMemory { get; init; }

    /// <summary>How many bytes they may take (<c>maxmemory</c>); 0: no limit.</summary>
    public long? MaxMemory { get; init; }

    /// <summary>
    /// True if the server may delete messages. Volatile policies count too, because the keys of queues that delete themselves have an
    /// expiry.
    /// </summary>
    public bool MayEvict => EvictionPolicy is { Length: > 0 } policy && policy != "noeviction";

    /// <summary>Asks every primary by INFO, and by CONFIG GET if that is allowed.</summary>
    public static async Task<ServerFacts[]> ReadAsync(IConnectionMultiplexer multiplexer) =>
        await Task.WhenAll(Primaries(multiplexer).Select(ReadAsync)).ConfigureAwait(false);

    /// <summary>
    /// Returns the largest part of <c>maxmemory</c> that one of the primaries uses; <c>null</c> if none has a limit, or none tells.
    /// </summary>
    public static async Task<double?> ReadMemoryUseAsync(IConnectionMultiplexer multiplexer) =>
        (await Task.WhenAll(Primaries(multiplexer).Select(ReadMemoryUseAsync)).ConfigureAwait(false)).Max();

    /// <summary>Combines the worst values of several servers, because messages may be on any of them.</summary>
    public static ServerFacts Worst(IReadOnlyCollection<ServerFacts> servers) => new(
        string.Join(',', servers.Select(x => x.Address)),
        (servers.FirstOrDefault(x => x.MayEvict) ?? servers.FirstOrDefault(x => x.EvictionPolicy is not null))?.EvictionPolicy,
        servers.Any(x => x.Persistent is false) ? false : servers.FirstOrDefault(x => x.Persistent is not null)?.Persistent);

    public string EvictionCure(string address) => string.Create(CultureInfo.InvariantCulture,
        $"The Redis server {address} runs with maxmemory-policy '{EvictionPolicy}', which may delete messages that wait. "
        + $"Set 'maxmemory-policy noeviction' (CONFIG SET maxmemory-policy noeviction, and in redis.conf or in the service's "
        + $"settings), or accept the loss with AllowEvictionPolicy().");

    static IEnumerable<IServer> Primaries(IConnectionMultiplexer multiplexer) =>
        multiplexer.GetServers().Where(x => x.IsConnected && x.ServerType != ServerType.Sentinel && !x.IsReplica);

    static async Task<double?> ReadMemoryUseAsync(IServer server)
    {
        var info = Parse((string?)await AskAsync(server, "INFO", "memory").ConfigureAwait(false) ?? "");
        return Number(info, "used_memory") is { } used && Number(info, "maxmemory") is > 0 and var most ? (double)used / most : null;
    }

    static async Task<ServerFacts> ReadAsync(IServer server)
    {
        var info = Parse((string?)await AskAsync(server, "INFO").ConfigureAwait(false) ?? "");
        bool? persistent = null;
        if (info.TryGetValue("aof_enabled", out var aof))
            persistent = aof == "1" || await ReadSavesAsync(server).ConfigureAwait(false);
        return new ServerFacts(
            server.EndPoint.ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal),
            info.GetValueOrDefault("maxmemory_policy"),
            persistent,
            info.GetValueOrDefault("aof_last_write_status", "ok") != "ok" || info.GetValueOrDefault("rdb_last_bgsave_status", "ok") != "ok",
            InStep(info),
            await ReplicasToWriteAsync(server).ConfigureAwait(false))
        {
            Product = ProductOf(info),
            Version = info.GetValueOrDefault("valkey_version") ?? info.GetValueOrDefault("garnet_version")
                ?? info.GetValueOrDefault("redis_version"),
            Mode = info.GetValueOrDefault("server_mode") ?? info.GetValueOrDefault("redis_mode"),
            UsedMemory = Number(info, "used_memory"),
            MaxMemory = Number(info, "maxmemory"),
        };
    }

    static string? ProductOf(Dictionary<string, string> info) => info switch
    {
        _ when info.ContainsKey("garnet_version") => "garnet",
        _ when info.ContainsKey("valkey_version") => "valkey",
        _ when info.ContainsKey("redis_version") => info.GetValueOrDefault("server_name", "redis"),
        _ => null,
    };

    static long? Number(Dictionary<string, string> info, string field) =>
        long.TryParse(info.GetValueOrDefault(field), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static async Task<int?> ReplicasToWriteAsync(IServer server)
    {
        var answer = await AskAsync(server, "CONFIG", "GET", "min-replicas-to-write").ConfigureAwait(false);
        return (RedisValue[]?)answer is [_, var value] && int.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var count)
            ? count : null;
    }

    /// <summary>Counts the replicas in sync. Replicas that still copy the data do not count.</summary>
    static int? InStep(Dictionary<string, string> info)
    {
        if (!info.TryGetValue("connected_slaves", out var connected)
            || !int.TryParse(connected, CultureInfo.InvariantCulture, out var count))
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

    static async Task<bool> ReadSavesAsync(IServer server)
    {
        // CONFIG is forbidden: a managed service, which has its own snapshots.
        if (await AskAsync(server, "CONFIG", "GET", "save").ConfigureAwait(false) is not { } answer)
            return true;

        var pair = (RedisValue[]?)answer ?? [];
        return pair.Length > 1 && !string.IsNullOrWhiteSpace(pair[1]);
    }

    /// <summary>Runs a command as text, because the client allows its own methods for INFO and CONFIG only in admin mode.</summary>
    static async Task<RedisResult?> AskAsync(IServer server, string command, params object[] arguments)
    {
        try
        {
            return await server.ExecuteAsync(command, arguments).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            // A user without the right to ask: nothing is known, and nothing is claimed.
            return null;
        }
    }
}
