using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>What a server's configuration means for messages kept on it.</summary>
/// <param name="EvictionPolicy">For example <c>noeviction</c>; <c>null</c> where the server does not say.</param>
/// <param name="Persistent">False where a restart forgets everything; <c>null</c> where the server does not say.</param>
internal sealed record ServerSafety(string? EvictionPolicy, bool? Persistent)
{
    /// <summary>Volatile policies count: the messages of queues that delete themselves carry an expiry.</summary>
    public bool MayEvict => EvictionPolicy is { Length: > 0 } policy && policy != "noeviction";

    /// <summary>Reads INFO, which managed services allow where they forbid CONFIG.</summary>
    public static async Task<ServerSafety> ReadAsync(IConnectionMultiplexer multiplexer)
    {
        string? worstPolicy = null;
        bool? persistent = null;
        foreach (var server in multiplexer.GetServers())
        {
            if (!server.IsConnected || server.ServerType == ServerType.Sentinel || server.IsReplica)
                continue;

            var policy = await ReadAsync(server, "memory", "maxmemory_policy").ConfigureAwait(false);
            if (worstPolicy is null or "noeviction")
                worstPolicy = policy ?? worstPolicy;

            var aof = await ReadAsync(server, "persistence", "aof_enabled").ConfigureAwait(false);
            var saves = await ReadSavesAsync(server).ConfigureAwait(false);
            var keeps = aof == "1" || saves;
            if (aof is not null)
                persistent = persistent is false ? false : keeps;
        }

        return new ServerSafety(worstPolicy, persistent);
    }

    public string EvictionCure(string address) => string.Create(CultureInfo.InvariantCulture,
        $"The Redis server {address} runs with maxmemory-policy '{EvictionPolicy}', which may delete messages that wait. "
        + $"Set 'maxmemory-policy noeviction' (CONFIG SET maxmemory-policy noeviction, and in redis.conf or in the service's "
        + $"settings), or accept the loss with AllowEvictionPolicy().");

    static async Task<string?> ReadAsync(IServer server, string section, string field)
    {
        if (await AskAsync(server, "INFO", section).ConfigureAwait(false) is not { } answer)
            return null;

        foreach (var line in ((string?)answer ?? "").AsSpan().EnumerateLines())
        {
            if (line.StartsWith(field, StringComparison.Ordinal) && line.Length > field.Length && line[field.Length] == ':')
                return line[(field.Length + 1)..].ToString();
        }

        return null;
    }

    public static async Task<bool> ReadSavesAsync(IServer server)
    {
        // CONFIG is forbidden: a managed service, which has its own snapshots.
        if (await AskAsync(server, "CONFIG", "GET", "save").ConfigureAwait(false) is not { } answer)
            return true;

        var pair = (RedisValue[]?)answer ?? [];
        return pair.Length > 1 && !string.IsNullOrWhiteSpace(pair[1]);
    }

    /// <summary>The client takes INFO and CONFIG for administration and allows them by their own methods only to those who ask for it.</summary>
    public static async Task<RedisResult?> AskAsync(IServer server, string command, params object[] arguments)
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
