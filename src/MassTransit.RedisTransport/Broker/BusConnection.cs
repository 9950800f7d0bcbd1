using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>Gives other packages the connection of a bus, with its settings, Sentinel and key prefix, for data beside the queues.</summary>
internal sealed class BusConnection(EngineHost host)
{
    public string? KeyPrefix => host.Settings.KeyPrefix;

    /// <summary>How long a send of this bus may take.</summary>
    public TimeSpan SendTimeout => host.Settings.SendTimeout;

    /// <summary>What operators have set for the queues that the bus receives from.</summary>
    public ControlBoard Controls => host.Controls;

    public ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) =>
        host.Current.Connection.GetDatabaseAsync(cancellationToken);

    /// <summary>Sends a PING. The task completes when the server answers.</summary>
    public Task PingAsync(CancellationToken cancellationToken) => host.Current.Connection.PingAsync(cancellationToken);
}
