using System.Reflection;
using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit.Webhooks;

/// <summary>An operation that needs the bus of a registration as a type parameter.</summary>
internal interface IBusVisitor
{
    void Visit<TBus>()
        where TBus : class, IBus;
}

/// <summary>
/// Registers and finds the services of one bus in the way MassTransit does: as <c>Bind&lt;TBus, T&gt;</c>, and for the bus of
/// <c>AddMassTransit</c> without a type, which is <see cref="IBus"/>, also as <c>T</c> alone.
/// </summary>
internal static class BusServices
{
    /// <summary>Calls the visitor with the bus type of a registration, which the static type of the variable may not show.</summary>
    public static void VisitBus(this IBusRegistrationConfigurator registration, IBusVisitor visitor)
    {
        var typed = Array.Find(registration.GetType().GetInterfaces(),
            static x => x.IsGenericType && x.GetGenericTypeDefinition() == typeof(IBusRegistrationConfigurator<>));
        typeof(IBusVisitor).GetMethod(nameof(IBusVisitor.Visit))!.MakeGenericMethod(typed?.GenericTypeArguments[0] ?? typeof(IBus))
            .Invoke(visitor, BindingFlags.DoNotWrapExceptions, null, null, null);
    }

    /// <summary>Adds a service of the bus if it has none yet.</summary>
    public static void TryAddToBus<TBus, T>(this IServiceCollection services, Func<IServiceProvider, T> create)
        where TBus : class, IBus
        where T : class
    {
        if (typeof(TBus) != typeof(IBus))
        {
            services.TryAddSingleton(x => Bind<TBus>.Create(create(x)));
            return;
        }

        services.TryAddSingleton(create);
        services.TryAddSingleton(x => Bind<TBus>.Create(x.GetRequiredService<T>()));
    }

    /// <summary>Adds a service of the bus, or replaces the one that it has.</summary>
    public static void ReplaceInBus<TBus, T>(this IServiceCollection services, Func<IServiceProvider, T> create)
        where TBus : class, IBus
        where T : class
    {
        services.RemoveAll<Bind<TBus, T>>();
        if (typeof(TBus) == typeof(IBus))
            services.RemoveAll<T>();
        services.TryAddToBus<TBus, T>(create);
    }

    public static T GetOfBus<TBus, T>(this IServiceProvider services)
        where TBus : class, IBus
        where T : class =>
        services.GetRequiredService<Bind<TBus, T>>().Value;

    /// <returns><c>null</c> if the bus has none.</returns>
    public static T? FindOfBus<TBus, T>(this IServiceProvider services)
        where TBus : class, IBus
        where T : class =>
        services.GetService<Bind<TBus, T>>()?.Value;
}
