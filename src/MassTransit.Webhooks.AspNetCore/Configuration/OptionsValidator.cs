using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Refuses options with errors, when the host starts and when the configuration changes.</summary>
/// <param name="name">The name of the options; <c>null</c>: all options of the type.</param>
/// <param name="owner">The owner of the options, as a part of a sentence.</param>
/// <param name="problems">Returns the errors of the options.</param>
internal sealed class OptionsValidator<TOptions>(string? name, string owner,
    Func<TOptions, IEnumerable<(string Option, string Problem)>> problems) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? validated, TOptions options)
    {
        if (name is not null && validated != name)
            return ValidateOptionsResult.Skip;

        string[] failures = [.. problems(options).Of(owner)];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
