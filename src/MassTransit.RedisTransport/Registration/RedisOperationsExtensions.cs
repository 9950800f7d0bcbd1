using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MassTransit;

/// <summary>Lets a process work on operations on dead letters.</summary>
public static class RedisOperationsExtensions
{
    /// <summary>
    /// Works on all operations (<see cref="IRedisOperations"/>) in the background while the process runs, together with other such
    /// processes, and groups dead letters that are not grouped yet. Needs <c>AddRedisQueues</c> on the bus, or
    /// <c>AddRedisAdministration</c>. While there is no operation it costs one small call every 2.5 seconds, and one for each dead-letter
    /// queue every minute.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    public static IServiceCollection AddRedisOperations(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IHostedService>(provider =>
            new OperationsService(provider.GetRequiredService<IRedisOperations>().RunAsync));
    }

    /// <summary>Works on the operations of one bus of several.</summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <inheritdoc cref="AddRedisOperations(IServiceCollection)"/>
    public static IServiceCollection AddRedisOperations<TBus>(this IServiceCollection services)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IHostedService>(provider =>
            new OperationsService(provider.GetRequiredService<Bind<TBus, IRedisOperations>>().Value.RunAsync));
    }

    sealed class OperationsService(Func<CancellationToken, Task> run) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            // The start of the host does not wait for Redis.
            await Task.Yield();
            await run(stoppingToken).ConfigureAwait(false);
        }
    }
}
