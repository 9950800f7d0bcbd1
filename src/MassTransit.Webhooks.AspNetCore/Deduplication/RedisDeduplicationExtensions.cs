using MassTransit.Webhooks;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace MassTransit;

/// <summary>Deduplication that several processes share.</summary>
public static class RedisDeduplicationExtensions
{
    const string Purpose = "seen";

    /// <summary>
    /// Remembers in Redis which webhooks were accepted, instead of in each process, over the connection of the bus: its address,
    /// credentials, database, Sentinel or cluster, and its key prefix. While Redis cannot be reached, webhooks are taken without it,
    /// rather than refused: a repeat is then published again, as a message with the same id.
    /// </summary>
    /// <param name="services">The application's services. Its bus is configured by <c>UsingRedis</c>, and its webhooks by <c>w.UseRedis()</c>.</param>
    public static IServiceCollection AddRedisDeduplication(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Use(services, Transport, null);
    }

    /// <summary>
    /// Remembers in a Redis of your choice which webhooks were accepted, instead of in each process. While it cannot be reached,
    /// webhooks are taken without it, rather than refused: a repeat is then published again, as a message with the same id.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString"><c>redis://user:password@server:6379/0</c>, <c>rediss://</c> for TLS, or as StackExchange.Redis has it: <c>localhost:6379,password=…</c>. Connected to at the first webhook.</param>
    /// <param name="keyPrefix">
    /// What keys begin with. Default: the key prefix of the bus, where it is on Redis, and the application's name (<c>shop:Shop.Ingress:seen</c>), so that applications
    /// on one database do not take each other's webhooks for repeats. Processes of one application must agree on it.
    /// </param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static IServiceCollection AddRedisDeduplication(this IServiceCollection services, string connectionString, string? keyPrefix = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(services, RedisConnection.To(connectionString), keyPrefix);
    }

    /// <inheritdoc cref="AddRedisDeduplication(IServiceCollection, string, string)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="connection">A connection of yours, which stays yours.</param>
    /// <param name="keyPrefix">What keys begin with. Default: the key prefix of the bus, where it is on Redis, and the application's name.</param>
    public static IServiceCollection AddRedisDeduplication(this IServiceCollection services, IConnectionMultiplexer connection, string? keyPrefix = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(connection);
        return Use(services, RedisConnection.Of(connection), keyPrefix);
    }

    static IServiceCollection Use(IServiceCollection services, RedisConnection connection, string? keyPrefix)
    {
        // Made by the container, so that it disposes it.
        services.AddSingleton(_ => connection);
        return Use(services, x => x.GetRequiredService<RedisConnection>(), keyPrefix);
    }

    static IServiceCollection Use(IServiceCollection services, Func<IServiceProvider, IWebhookConnection<IDatabase>> connection, string? keyPrefix)
    {
        if (keyPrefix is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(keyPrefix);
        return services.Replace(ServiceDescriptor.Singleton<IWebhookDeduplicator>(
            provider => new RedisWebhookDeduplicator(connection(provider), () => keyPrefix ?? DefaultPrefix(provider))));
    }

    static IWebhookConnection<IDatabase> Transport(IServiceProvider services) =>
        services.GetService<IWebhookConnection<IDatabase>>()
        ?? throw new ConfigurationException("AddRedisDeduplication() uses the connection of a bus on Redis, and there is none: configure the bus by "
            + "UsingRedis and its webhooks by AddWebhooks(w => w.UseRedis()), or give AddRedisDeduplication the address of a Redis.");

    /// <summary>All that tells this application from another one on the same database.</summary>
    static string DefaultPrefix(IServiceProvider services)
    {
        var parts = new[] { services.GetService<IWebhookConnection<IDatabase>>()?.KeyPrefix, services.GetService<IHostEnvironment>()?.ApplicationName, Purpose };
        return string.Join(':', parts.Where(x => !string.IsNullOrEmpty(x)));
    }
}
