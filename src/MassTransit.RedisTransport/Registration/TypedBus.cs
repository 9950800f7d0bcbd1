using System.Reflection;

namespace MassTransit.RedisTransport.Registration;

/// <summary>
/// Handles a registration of <c>AddMassTransit&lt;TBus&gt;</c> whose variable hides the type of the bus, as a helper's parameter does.
/// Services are then added to that bus and not to the first one.
/// </summary>
internal static class TypedBus
{
    /// <summary>Calls the overload for a bus with a type, if the registration belongs to one.</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="extensions">The class of both overloads.</param>
    /// <param name="method">The name of both overloads.</param>
    public static bool TryCall(IBusRegistrationConfigurator registration, Type extensions, string method)
    {
        var typed = Array.Find(registration.GetType().GetInterfaces(),
            static x => x.IsGenericType && x.GetGenericTypeDefinition() == typeof(IBusRegistrationConfigurator<>));
        if (typed is null)
            return false;

        var overload = Array.Find(extensions.GetMethods(BindingFlags.Public | BindingFlags.Static),
            x => x.Name == method && x.IsGenericMethodDefinition)!;
        overload.MakeGenericMethod(typed.GenericTypeArguments[0])
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [registration], null);
        return true;
    }
}
