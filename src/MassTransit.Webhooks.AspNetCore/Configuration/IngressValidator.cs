using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Refuses limits with which no webhook could be taken in.</summary>
internal sealed class IngressValidator : IValidateOptions<WebhookIngressOptions>
{
    const int LeastBytes = 64 * 1024;
    static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, WebhookIngressOptions options)
    {
        if (options.MaxUnverifiedBytes < LeastBytes)
            return ValidateOptionsResult.Fail($"WebhookIngressOptions.MaxUnverifiedBytes is {options.MaxUnverifiedBytes}: use at least {LeastBytes}.");
        return options.BodyTimeout <= TimeSpan.Zero || options.BodyTimeout > LongestTimeout
            ? ValidateOptionsResult.Fail($"WebhookIngressOptions.BodyTimeout is {options.BodyTimeout}: use more than 0, and at most {LongestTimeout}.")
            : ValidateOptionsResult.Success;
    }
}
