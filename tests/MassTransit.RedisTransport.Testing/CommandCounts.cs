using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Testing;

/// <summary>How often a server has run its commands since it started (<c>INFO commandstats</c>). What scripts call counts, too.</summary>
public static class CommandCounts
{
    /// <summary>By command, in lower case; those that were never run are missing.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> ReadAsync(IConnectionMultiplexer connection)
    {
        const string prefix = "cmdstat_";
        return (await connection.GetServers()[0].InfoAsync("commandstats")).SelectMany(x => x)
            .Where(x => x.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(x => x.Key[prefix.Length..],
                x => long.Parse(x.Value.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    /// <summary>The calls of these commands together.</summary>
    public static async Task<long> SumAsync(IConnectionMultiplexer connection, params string[] commands)
    {
        var counts = await ReadAsync(connection);
        return commands.Sum(x => counts.GetValueOrDefault(x));
    }
}
