using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Health;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit;

/// <summary>Adds health checks of a bus on Redis.</summary>
public static class RedisHealthExtensions
{
    /// <summary>
    /// Adds four checks. <c>redis-live</c> has the tag <c>live</c>: it fails if MassTransit has given up the start of the bus or if the
    /// server refuses the credentials, but not in an outage of Redis, which must not restart processes. The others have the tag
    /// <c>ready</c>: <c>redis-ready</c> (the bus is started and Redis answers), <c>redis-queues</c> (waiting messages and dead letters) and
    /// <c>redis-server</c> (eviction policy, persistence, replicas). The last two report at most degraded. A value that a server does not
    /// report is shown as unknown, not as a failure.
    /// </summary>
    /// <param name="builder">The health checks of the application.</param>
    /// <param name="configure">Changes the thresholds.</param>
    /// <param name="name">The prefix of the names of the checks.</param>
    /// <exception cref="ConfigurationException">An option is out of its range. The message names the option and the cure.</exception>
    public static IHealthChecksBuilder AddRedisTransport(this IHealthChecksBuilder builder, Action<RedisHealthOptions>? configure = null,
        string name = "redis") =>
        Add<IBus>(builder, configure, name, provider => provider.GetRequiredService<Bind<IBus, IBusInstance>>().Value);

    /// <summary>Adds the same checks for one bus of several.</summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <param name="builder">The health checks of the application.</param>
    /// <param name="name">The prefix of the names of the checks.</param>
    /// <param name="configure">Changes the thresholds.</param>
    /// <exception cref="ConfigurationException">An option is out of its range. The message names the option and the cure.</exception>
    public static IHealthChecksBuilder AddRedisTransport<TBus>(this IHealthChecksBuilder builder, string name,
        Action<RedisHealthOptions>? configure = null)
        where TBus : class, IBus => Add<TBus>(builder, configure, name, provider => provider.GetRequiredService<IBusInstance<TBus>>());

    /// <summary>
    /// Reports the status of every health check of the application as the metric <c>masstransit.health.status</c> (2 healthy, 1 degraded, 0
    /// unhealthy), for alerts. All checks are then run every 30 seconds (<see cref="HealthCheckPublisherOptions"/>), even if no probe asks.
    /// </summary>
    /// <param name="builder">The health checks of the application.</param>
    public static IHealthChecksBuilder AddStatusMetric(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHealthCheckPublisher, StatusPublisher>());
        return builder;
    }

    static IHealthChecksBuilder Add<TBus>(IHealthChecksBuilder builder, Action<RedisHealthOptions>? configure, string name,
        Func<IServiceProvider, IBusInstance> bus)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var options = new RedisHealthOptions();
        configure?.Invoke(options);
        options.Validate();
        // The findings for operators judge by the same limits.
        builder.Services.TryAddSingleton(_ => Bind<TBus>.Create(options));

        return builder
            .Add(Registration("live", "live", x => new LiveCheck(bus(x), Host(bus(x)).Liveness)))
            .Add(Registration("ready", "ready", x => new ReadyCheck(bus(x), Host(bus(x)).Engine, options)))
            .Add(Registration("queues", "ready", x => new QueuesCheck(Host(bus(x)).Engine, Host(bus(x)).Consumed, options)))
            .Add(Registration("server", "ready", x => new ServerCheck(Host(bus(x)).Engine, options)));

        HealthCheckRegistration Registration(string check, string tag, Func<IServiceProvider, IHealthCheck> create) =>
            new($"{name}-{check}", create, failureStatus: null, tags: [tag, "redis"]);
    }

    static RedisHostConfiguration Host(IBusInstance bus) =>
        bus.HostConfiguration as RedisHostConfiguration
        ?? throw new ConfigurationException("The health checks of AddRedisTransport need a bus configured by UsingRedis.");
}
