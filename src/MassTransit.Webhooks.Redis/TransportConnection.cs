using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.Transports;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Redis;

/// <summary>The connection of the bus: its settings, its Sentinel, its key prefix.</summary>
internal sealed class TransportConnection(Bind<IBus, IBusInstance> bus) : IWebhookConnection<IDatabase>
{
    public string? KeyPrefix => Host.Settings.KeyPrefix;

    public ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) => Host.Broker.Connection.GetDatabaseAsync(cancellationToken);

    RedisHostConfiguration Host => bus.Value.HostConfiguration as RedisHostConfiguration
        ?? throw new ConfigurationException("UseRedis() in AddWebhooks needs a bus configured by UsingRedis.");
}
