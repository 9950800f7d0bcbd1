using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

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
        try
        {
            foreach (var group in await server.InfoAsync(section).ConfigureAwait(false))
            {
                foreach (var pair in group)
                {
                    if (pair.Key == field)
                        return pair.Value;
                }
            }
        }
        catch (RedisServerException)
        {
            // A user without the right to ask: nothing is known, and nothing is claimed.
        }

        return null;
    }

    static async Task<bool> ReadSavesAsync(IServer server)
    {
        try
        {
            var save = await server.ConfigGetAsync("save").ConfigureAwait(false);
            return save.Any(x => !string.IsNullOrWhiteSpace(x.Value));
        }
        catch (RedisServerException)
        {
            // CONFIG is forbidden: a managed service, which has its own snapshots.
            return true;
        }
    }
}
