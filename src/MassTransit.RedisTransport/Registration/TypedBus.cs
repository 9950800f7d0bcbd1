using System.Reflection;

namespace MassTransit.RedisTransport.Registration;

/// <summary>
/// A registration of <c>AddMassTransit&lt;TBus&gt;</c> in a variable that hides its type, as a helper's parameter does: what is added is
/// that bus's all the same, not the first bus's.
/// </summary>
internal static class TypedBus
{
    /// <summary>Calls the overload that is for a bus with a type, if the registration is of one.</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="extensions">The class of both overloads.</param>
    /// <param name="method">Their name.</param>
    public static bool TryCall(IBusRegistrationConfigurator registration, Type extensions, string method)
    {
        var typed = Array.Find(registration.GetType().GetInterfaces(), static x => x.IsGenericType && x.GetGenericTypeDefinition() == typeof(IBusRegistrationConfigurator<>));
        if (typed is null)
            return false;

        var overload = Array.Find(extensions.GetMethods(BindingFlags.Public | BindingFlags.Static), x => x.Name == method && x.IsGenericMethodDefinition)!;
        overload.MakeGenericMethod(typed.GenericTypeArguments[0]).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [registration], null);
        return true;
    }
}
