using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Refuses a receiver that would let anyone in, or could not work. Never repeats a secret.</summary>
internal sealed class ReceiverValidator(ReceiverDefinition definition, IServiceProviderIsService services) : IValidateOptions<WebhookReceiverOptions>
{
    static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, WebhookReceiverOptions options)
    {
        if (name != definition.Name)
            return ValidateOptionsResult.Skip;
        var failures = Failures(options).Select(x => $"The webhook receiver '{definition.Name}' {x}").ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    IEnumerable<string> Failures(WebhookReceiverOptions options)
    {
        if (definition.Scheme is not { } scheme)
        {
            yield return "has no scheme, and would not know whom to believe: call StandardWebhooks(), GitHub(), Stripe(), Slack(), Shopify(), "
                + "Hmac() or Token() on it, or AllowUnsigned() to believe everybody.";
            yield break;
        }

        if (scheme.NeedsSecret && definition.SecretProvider is null)
        {
            if (options.Secrets.Count == 0)
                yield return "has no secret: add one to WebhookReceiverOptions.Secrets, or call SecretsFrom<TProvider>().";
            for (var i = 0; i < options.Secrets.Count; i++)
            {
                if (scheme.FindSecretError(options.Secrets[i] ?? "") is { } error)
                    yield return $"has a secret that cannot be used: Secrets[{i}] {error}. Copy it anew from the sender.";
            }
        }

        if (options.Priority is < 0 or > byte.MaxValue)
            yield return $"has the priority {options.Priority}: use 0 to 255.";
        if (options.MaxBodyBytes is < 1 or > 1 << 30)
            yield return $"has MaxBodyBytes {options.MaxBodyBytes}: use 1 to {1 << 30}.";
        if (options.Tolerance < TimeSpan.Zero || options.Tolerance > TimeSpan.FromDays(365))
            yield return $"has the tolerance {options.Tolerance}: use 0 to 365 days.";
        if (options.EnqueueTimeout <= TimeSpan.Zero || options.EnqueueTimeout > LongestTimeout)
            yield return $"has EnqueueTimeout {options.EnqueueTimeout}: use more than 0, and at most {LongestTimeout}.";
        if (options.DuplicateWindow <= TimeSpan.Zero || options.DuplicateWindow > TimeSpan.FromDays(365))
            yield return $"has DuplicateWindow {options.DuplicateWindow}: use more than 0, and at most 365 days.";
        if (options.RetryAfter < TimeSpan.Zero || options.RetryAfter > TimeSpan.FromDays(1))
            yield return $"has RetryAfter {options.RetryAfter}: use 0 to 1 day.";
        if (options.AcceptedStatus is not (null or 200 or 202 or 204))
            yield return $"has AcceptedStatus {options.AcceptedStatus}: use 200, 202 or 204; to senders anything else is a failure.";
        if (options.ReplayProtection is { } protection && !Enum.IsDefined(protection))
            yield return $"has ReplayProtection {protection}: use None, SameEventType or AnyEventType.";
        if (!services.IsService(typeof(IWebhookQueue)))
            yield return "has no queue to put webhooks into: call AddWebhooks() in AddMassTransit().";
    }
}
