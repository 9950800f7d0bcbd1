using MassTransit.Webhooks;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace MassTransit;

/// <summary>Adds deduplication that several processes share.</summary>
public static class RedisDeduplicationExtensions
{
    const string Purpose = "seen";

    /// <summary>
    /// Remembers accepted webhooks in Redis instead of in each process. It uses the connection of the bus: its address, credentials,
    /// database, Sentinel or cluster, and its key prefix. While Redis cannot be reached, webhooks are still accepted, and a repeat is
    /// published again as a message with the same id.
    /// </summary>
    /// <param name="services">
    /// The application's services. The bus must be configured by <c>UsingRedis</c> and the webhooks by <c>w.UseRedis()</c>.
    /// </param>
    public static IServiceCollection AddRedisDeduplication(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Use(services, ConnectionOf<IBus>, null);
    }

    /// <summary>
    /// Remembers accepted webhooks in Redis over the connection of one bus of several, as
    /// <see cref="AddRedisDeduplication(IServiceCollection)"/> does over that of <c>AddMassTransit</c> without a type.
    /// </summary>
    /// <typeparam name="TBus">The bus of <c>AddMassTransit&lt;TBus&gt;</c>.</typeparam>
    /// <param name="services">
    /// The application's services. That bus must be configured by <c>UsingRedis</c> and its webhooks by <c>w.UseRedis()</c>.
    /// </param>
    public static IServiceCollection AddRedisDeduplication<TBus>(this IServiceCollection services)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(services);
        return Use(services, ConnectionOf<TBus>, null);
    }

    /// <summary>
    /// Remembers accepted webhooks in a Redis server of your choice instead of in each process. While it cannot be reached, webhooks are
    /// still accepted, and a repeat is published again as a message with the same id.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">
    /// <c>redis://user:password@server:6379/0</c>, <c>rediss://</c> for TLS, or a connection string of StackExchange.Redis:
    /// <c>localhost:6379,password=…</c>. The connection is opened at the first webhook.
    /// </param>
    /// <param name="keyPrefix">
    /// The prefix of the keys. Default: the key prefix of the bus, if it is on Redis, and the application's name
    /// (<c>shop:Shop.Ingress:seen</c>). So applications on one database do not treat each other's webhooks as repeats. All processes of one
    /// application must use the same prefix.
    /// </param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static IServiceCollection AddRedisDeduplication(this IServiceCollection services, string connectionString,
        string? keyPrefix = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(services, RedisConnection.To(connectionString), keyPrefix);
    }

    /// <inheritdoc cref="AddRedisDeduplication(IServiceCollection, string, string)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="connection">Your connection. It is not disposed.</param>
    /// <param name="keyPrefix">
    /// The prefix of the keys. Default: the key prefix of the bus, if it is on Redis, and the application's name.
    /// </param>
    public static IServiceCollection AddRedisDeduplication(this IServiceCollection services, IConnectionMultiplexer connection,
        string? keyPrefix = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(connection);
        return Use(services, RedisConnection.Of(connection), keyPrefix);
    }

    static IServiceCollection Use(IServiceCollection services, RedisConnection connection, string? keyPrefix)
    {
        // Registers a factory, so that the container creates the connection and disposes it.
        services.AddSingleton(_ => connection);
        return Use(services, x => x.GetRequiredService<RedisConnection>(), keyPrefix);
    }

    static IServiceCollection Use(IServiceCollection services, Func<IServiceProvider, IWebhookConnection<IDatabase>> connection,
        string? keyPrefix)
    {
        if (keyPrefix is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(keyPrefix);
        return services.Replace(ServiceDescriptor.Singleton<IWebhookDeduplicator>(provider =>
        {
            var store = connection(provider);
            return new RedisWebhookDeduplicator(store, () => keyPrefix ?? DefaultPrefix(provider, store));
        }));
    }

    static IWebhookConnection<IDatabase> ConnectionOf<TBus>(IServiceProvider services)
        where TBus : class, IBus =>
        services.FindOfBus<TBus, IWebhookConnection<IDatabase>>()
        ?? throw new ConfigurationException(
            "AddRedisDeduplication() uses the connection of a bus on Redis, and there is none: configure the bus by UsingRedis and its "
            + "webhooks by AddWebhooks(w => w.UseRedis()); for a bus of AddMassTransit<TBus>() call AddRedisDeduplication<TBus>(). Or give "
            + "AddRedisDeduplication the address of a Redis.");

    /// <summary>A prefix that distinguishes this application from others on the same database.</summary>
    static string DefaultPrefix(IServiceProvider services, IWebhookConnection<IDatabase> connection)
    {
        var ofBus = connection.KeyPrefix ?? services.GetService<IWebhookConnection<IDatabase>>()?.KeyPrefix;
        var parts = new[] { ofBus, services.GetService<IHostEnvironment>()?.ApplicationName, Purpose };
        return string.Join(':', parts.Where(x => !string.IsNullOrEmpty(x)));
    }
}
