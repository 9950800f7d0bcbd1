using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>The connection of a bus, for what other packages keep beside its queues: its settings, its Sentinel, its key prefix.</summary>
internal sealed class BusConnection(EngineHost host)
{
    public string? KeyPrefix => host.Settings.KeyPrefix;

    /// <summary>How long a send of this bus may take.</summary>
    public TimeSpan SendTimeout => host.Settings.SendTimeout;

    public ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) => host.Current.Connection.GetDatabaseAsync(cancellationToken);

    /// <summary>Completes when the server answers.</summary>
    public Task PingAsync(CancellationToken cancellationToken) => host.Current.Connection.PingAsync(cancellationToken);
}
