using MassTransit.RedisTransport.Broker;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Redis;

/// <summary>Gives webhooks access to the connection of the bus: its send timeout, and its server for other data.</summary>
internal sealed class RedisBusConnection(BusConnection connection) : ISendLimits, IWebhookConnection<IDatabase>
{
    public TimeSpan Timeout => connection.SendTimeout;

    public string? KeyPrefix => connection.KeyPrefix;

    public Task PingAsync(CancellationToken cancellationToken) => connection.PingAsync(cancellationToken);

    public ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) => connection.GetDatabaseAsync(cancellationToken);

    public Exception CreateException(string message, Exception? cause) => cause is null
        ? new RedisTransportException(message) { IsTransient = true }
        : new RedisTransportException(message, cause) { IsTransient = true };
}
