using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace MassTransit;

/// <summary>Adds the operators' services to a process that has no bus.</summary>
public static class RedisAdministrationExtensions
{
    /// <summary>
    /// Adds <see cref="RedisAdministration"/> and its parts (<see cref="IRedisQueues"/>, <see cref="IRedisDeadLetters"/>,
    /// <see cref="IRedisAudit"/>, <see cref="IRedisFindings"/>, <see cref="IRedisOperations"/>, <see cref="IRedisTrash"/>) as singletons.
    /// In a process with a bus use <c>AddRedisQueues</c> instead, which shares the connection of the bus. Each registered
    /// <see cref="IOperationAudit"/> gets what is written to the audit.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="address">See <see cref="RedisAdministration.Connect"/>.</param>
    /// <param name="keyPrefix">The prefix of all keys, as the bus has it; <c>null</c>: that of the address.</param>
    /// <param name="configure">Sets further options of the connection.</param>
    /// <exception cref="ConfigurationException">The address cannot be read. It is thrown when a service is first resolved.</exception>
    public static IServiceCollection AddRedisAdministration(this IServiceCollection services, string address, string? keyPrefix = null,
        Action<IRedisHostConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        services.TryAddSingleton(provider => RedisAdministration.Create(address, keyPrefix, configure,
            provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(RedisAdministration).FullName!), null,
            () => [.. provider.GetServices<IOperationAudit>()]));
        services.TryAddSingleton(provider => provider.GetRequiredService<RedisAdministration>().Queues);
        services.TryAddSingleton(provider => provider.GetRequiredService<RedisAdministration>().DeadLetters);
        services.TryAddSingleton(provider => provider.GetRequiredService<RedisAdministration>().Audit);
        services.TryAddSingleton(provider => provider.GetRequiredService<RedisAdministration>().Findings);
        services.TryAddSingleton(provider => provider.GetRequiredService<RedisAdministration>().Operations);
        services.TryAddSingleton(provider => provider.GetRequiredService<RedisAdministration>().Trash);
        return services;
    }
}
