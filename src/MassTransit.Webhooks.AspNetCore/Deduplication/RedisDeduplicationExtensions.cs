using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace MassTransit;

/// <summary>Deduplication that several processes share.</summary>
public static class RedisDeduplicationExtensions
{
    const string DefaultPrefix = "webhooks";

    /// <summary>
    /// Remembers in Redis which webhooks were accepted, instead of in each process. While Redis cannot be reached, webhooks are
    /// taken without it, rather than refused: a repeat is then published again, as a message with the same id.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString"><c>redis://user:password@server:6379/0</c>, <c>rediss://</c> for TLS, or as StackExchange.Redis has it: <c>localhost:6379,password=…</c>. Connected to at the first webhook.</param>
    /// <param name="keyPrefix">What keys begin with: <c>webhooks:</c> and the message id.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static IServiceCollection UseRedisDeduplication(this IServiceCollection services, string connectionString, string keyPrefix = DefaultPrefix)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(services, RedisConnection.To(connectionString), keyPrefix);
    }

    /// <inheritdoc cref="UseRedisDeduplication(IServiceCollection, string, string)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="connection">A connection of yours, which stays yours.</param>
    /// <param name="keyPrefix">What keys begin with: <c>webhooks:</c> and the message id.</param>
    public static IServiceCollection UseRedisDeduplication(
        this IServiceCollection services, IConnectionMultiplexer connection, string keyPrefix = DefaultPrefix)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return Use(services, RedisConnection.Of(connection), keyPrefix);
    }

    static IServiceCollection Use(IServiceCollection services, RedisConnection connection, string keyPrefix)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(keyPrefix);
        // Made by the container, so that it disposes it.
        services.AddSingleton(_ => connection);
        return services.Replace(ServiceDescriptor.Singleton<IWebhookDeduplicator>(
            provider => new RedisWebhookDeduplicator(provider.GetRequiredService<RedisConnection>(), keyPrefix)));
    }
}
