using MassTransit.RedisTransport.Configuration;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>The connection of a bus, for what other packages keep beside its queues: its settings, its Sentinel, its key prefix.</summary>
/// <param name="settings">How the bus reaches its server.</param>
/// <param name="current">The connection of the bus as it is now: another one after a stop and a start.</param>
internal sealed class BusConnection(RedisConnectionSettings settings, Func<RedisConnection> current)
{
    public string? KeyPrefix => settings.KeyPrefix;

    /// <summary>How long a send of this bus may take.</summary>
    public TimeSpan SendTimeout => settings.SendTimeout;

    public ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) => current().GetDatabaseAsync(cancellationToken);

    /// <summary>Completes when the server answers.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var database = await GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        await database.PingAsync().ConfigureAwait(false);
    }
}
