using Microsoft.Extensions.Configuration;
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

    /// <summary>Whether a secret comes from configuration. What is written in code is a demonstration or a test, and complained of elsewhere.</summary>
    bool IsDeployed(string secret) =>
        definition.Configurations.Any(x => x.GetSection(nameof(WebhookReceiverOptions.Secrets)).GetChildren().Any(y => y.Value == secret));

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
                else if (!options.AllowShortSecrets && IsDeployed(options.Secrets[i])
                    && scheme.CountSecretBytes(options.Secrets[i]) is < WebhookReceiverOptions.ShortestSecret and var length)
                {
                    yield return $"has a secret that is too short: Secrets[{i}] has {length} bytes, and below {WebhookReceiverOptions.ShortestSecret} "
                        + "it can be found by trying. Take a longer one, or set AllowShortSecrets where the sender has none.";
                }
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
        else if (scheme.SignsTimestamp && !options.AllowShortDuplicateWindow && options.Tolerance > options.DuplicateWindow / 2)
        {
            yield return $"has DuplicateWindow {options.DuplicateWindow}, which is less than twice its Tolerance {options.Tolerance}: "
                + "a captured request could be forgotten while its timestamp is still good. Use twice the Tolerance or more, or set AllowShortDuplicateWindow.";
        }

        if (!options.AllowAllHeaders && options.Headers.FirstOrDefault(HeaderSelection.IsBoundless) is { } pattern)
        {
            yield return $"hands on all headers by '{pattern}', and with them credentials under names that nobody has thought of: "
                + "list names, and prefixes of the sender's own such as 'x-mine-*', or set AllowAllHeaders.";
        }

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
