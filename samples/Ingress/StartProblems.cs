using MassTransit;
using Microsoft.Extensions.Options;

namespace Ingress;

/// <summary>What keeps the process from starting and is put right in its configuration.</summary>
static class StartProblems
{
    /// <returns>One message a problem; none where the exception is of another kind.</returns>
    public static IReadOnlyList<string> Of(Exception exception)
    {
        // Several receivers that are not valid come together.
        IReadOnlyList<Exception> all = exception is AggregateException aggregate ? aggregate.InnerExceptions : [exception];
        return all.All(x => x is OptionsValidationException or ConfigurationException) ? [.. all.Select(x => x.Message)] : [];
    }
}
