using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Configuration;
using MassTransit.RedisTransport.Dashboard.Endpoints;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit;

/// <summary>Maps the dashboard of the Redis transport to an address.</summary>
public static class RedisDashboardEndpointExtensions
{
    /// <summary>
    /// Maps the dashboard. It is closed unless the options name policies: see <see cref="RedisDashboardOptions"/>. It can be mapped
    /// several times, with other options.
    /// </summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">Where the dashboard is. Default: <c>/ops</c>.</param>
    /// <param name="configure">Sets who may do what.</param>
    /// <returns>
    /// A builder to add conventions to all endpoints of the dashboard: hosts, rate limits, further authorization. No convention opens what
    /// the options do not.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The services of <c>AddRedisQueues</c> are missing, or an option cannot be used; the message says which, and the cure.
    /// </exception>
    public static IEndpointConventionBuilder MapRedisDashboard(this IEndpointRouteBuilder endpoints, string pattern = "/ops",
        Action<RedisDashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        return Map(endpoints, pattern, configure, services.GetService<IRedisQueues>(), services.GetService<IRedisDeadLetters>());
    }

    /// <summary>Maps the dashboard of one bus of several.</summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <inheritdoc cref="MapRedisDashboard(IEndpointRouteBuilder, string, Action{RedisDashboardOptions})"/>
    public static IEndpointConventionBuilder MapRedisDashboard<TBus>(this IEndpointRouteBuilder endpoints, string pattern = "/ops",
        Action<RedisDashboardOptions>? configure = null)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        return Map(endpoints, pattern, configure, services.GetService<Bind<TBus, IRedisQueues>>()?.Value,
            services.GetService<Bind<TBus, IRedisDeadLetters>>()?.Value);
    }

    static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string pattern, Action<RedisDashboardOptions>? configure,
        IRedisQueues? queues, IRedisDeadLetters? deadLetters)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (queues is null || deadLetters is null)
            throw new InvalidOperationException("The Redis dashboard has nothing to show: call AddRedisQueues() inside of AddMassTransit.");

        var options = new RedisDashboardOptions();
        configure?.Invoke(options);
        var services = endpoints.ServiceProvider;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("MassTransit.RedisTransport.Dashboard");
        var isDevelopment = services.GetService<IHostEnvironment>()?.IsDevelopment() == true;
        var rules = new AccessRules(OptionsCheck.PoliciesOf(options, services), options.IsOpenToEveryone, options.ReadOnly, isDevelopment,
            options.Visible, logger);
        var board = new Board(queues, deadLetters, rules, OptionsCheck.SettingsOf(options),
            services.GetService<TimeProvider>() ?? TimeProvider.System, logger);

        var group = endpoints.MapGroup(pattern);
        Routes.Map(group, board);
        // Forms are recognized by where they come from (SameOrigin): a host's antiforgery would ask for a token that they do not have.
        group.DisableAntiforgery().ExcludeFromDescription();
        return group;
    }
}
