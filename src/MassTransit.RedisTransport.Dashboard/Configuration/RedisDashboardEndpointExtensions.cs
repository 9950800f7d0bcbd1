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
        return Map(endpoints, pattern, configure, x => x, static service => service);
    }

    /// <summary>Maps the dashboard of one bus of several.</summary>
    /// <typeparam name="TBus">The bus.</typeparam>
    /// <inheritdoc cref="MapRedisDashboard(IEndpointRouteBuilder, string, Action{RedisDashboardOptions})"/>
    public static IEndpointConventionBuilder MapRedisDashboard<TBus>(this IEndpointRouteBuilder endpoints, string pattern = "/ops",
        Action<RedisDashboardOptions>? configure = null)
        where TBus : class, IBus
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return Map(endpoints, pattern, configure, x => typeof(Bind<,>).MakeGenericType(typeof(TBus), x),
            static service => service.GetType().GetProperty(nameof(Bind<IBus, object>.Value))!.GetValue(service)!);
    }

    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">Where the dashboard is.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="typeOf">What a service is registered as.</param>
    /// <param name="valueOf">The service in what is registered.</param>
    static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string pattern, Action<RedisDashboardOptions>? configure,
        Func<Type, Type> typeOf, Func<object, object> valueOf)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var services = endpoints.ServiceProvider;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeOf(typeof(IRedisQueues))) == false)
            throw new InvalidOperationException("The Redis dashboard has nothing to show: call AddRedisQueues() inside of AddMassTransit.");

        var options = new RedisDashboardOptions();
        configure?.Invoke(options);
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("MassTransit.RedisTransport.Dashboard");
        var isDevelopment = services.GetService<IHostEnvironment>()?.IsDevelopment() == true;
        var rules = new AccessRules(OptionsCheck.PoliciesOf(options, services), options.IsOpenToEveryone, options.ReadOnly, isDevelopment,
            options.Visible, logger);
        var board = new Board(x => valueOf(services.GetRequiredService(typeOf(x))), services.GetServices<IRedisMessageDescriber>, rules,
            OptionsCheck.SettingsOf(options), services.GetService<TimeProvider>() ?? TimeProvider.System, logger);

        if (options is { RunOperations: true, ReadOnly: false })
            OperationWork.Begin(services, () => board.Operations, logger);
        var group = endpoints.MapGroup(pattern);
        Routes.Map(group, board);
        // Forms are recognized by where they come from (SameOrigin): a host's antiforgery would ask for a token that they do not have.
        group.DisableAntiforgery().ExcludeFromDescription();
        return group;
    }
}
