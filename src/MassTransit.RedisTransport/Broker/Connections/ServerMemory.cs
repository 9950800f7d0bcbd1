using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>How much of its memory a server uses.</summary>
internal static class ServerMemory
{
    /// <summary>
    /// Returns the largest part of <c>maxmemory</c> that one of the primaries uses; <c>null</c> if none has a limit, or none tells.
    /// </summary>
    public static async Task<double?> ReadAsync(IConnectionMultiplexer multiplexer)
    {
        var parts = await Task.WhenAll(multiplexer.GetServers()
            .Where(x => x.IsConnected && x.ServerType != ServerType.Sentinel && !x.IsReplica).Select(ReadAsync)).ConfigureAwait(false);
        return parts.Max();
    }

    static async Task<double?> ReadAsync(IServer server)
    {
        try
        {
            var info = (string?)await server.ExecuteAsync("INFO", "memory").ConfigureAwait(false) ?? "";
            return Number(info, "used_memory") is { } used && Number(info, "maxmemory") is > 0 and var most ? used / most : null;
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            // A user without the right to ask: nothing is known.
            return null;
        }
    }

    internal static double? Number(string info, string field)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.Length > field.Length && line[field.Length] == ':' && line.StartsWith(field, StringComparison.Ordinal)
                && double.TryParse(line[(field.Length + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return number;
        }

        return null;
    }
}
