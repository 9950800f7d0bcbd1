using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Refuses options by what they say is wrong with them, when the host starts and when the configuration changes.</summary>
/// <param name="name">The name of the options; <c>null</c>: all of the type.</param>
/// <param name="owner">Whose options they are, within a sentence.</param>
/// <param name="problems">What is wrong with them.</param>
internal sealed class OptionsValidator<TOptions>(string? name, string owner, Func<TOptions, IEnumerable<(string Option, string Problem)>> problems) : IValidateOptions<TOptions>
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
