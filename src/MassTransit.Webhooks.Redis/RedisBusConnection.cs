using MassTransit.RedisTransport.Broker;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Redis;

/// <summary>The connection of the bus, for webhooks: how long its sends may take, and what else is to be kept on its server.</summary>
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
