using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Finds the errors of a receiver that would accept requests from anyone or could not work. The errors never contain a secret.
/// </summary>
internal sealed class ReceiverProblems(ReceiverDefinition definition, IServiceProviderIsService services)
{
    static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Returns the errors, each with the option, its value and the cure.</summary>
    public IEnumerable<(string Option, string Problem)> Find(WebhookReceiverOptions options) =>
        definition.Scheme is { } scheme
            ? [.. OfSecrets(options, scheme), .. OfChallenges(options, scheme), .. OfLimits(options), .. OfRepeats(options, scheme),
                .. OfAnswers(options), .. OfHeaders(options), .. OfBus()]
            :
            [
                ("the scheme", "is missing: a receiver that has no scheme would not know whom to believe. Call the method of its sender, "
                    + "such "
                    + "as GitHub(), Stripe() or StandardWebhooks(), or Hmac() or Token() on it, or AllowUnsigned() to believe everybody"),
            ];

    IEnumerable<(string Option, string Problem)> OfSecrets(WebhookReceiverOptions options, WebhookScheme scheme)
    {
        if (!scheme.NeedsSecret || definition.SecretProvider is not null || definition.TenantStore is not null)
            yield break;
        if (options.Secrets.Count == 0)
            yield return (nameof(options.Secrets),
                "is empty: it has no secret. Add one to WebhookReceiverOptions.Secrets, or call SecretsFrom<TProvider>()");
        for (var i = 0; i < options.Secrets.Count; i++)
        {
            if (scheme.FindSecretError(options.Secrets[i] ?? "") is { } error)
                yield return ($"Secrets[{i}]", $"{error}. Copy it anew from the sender");
            else if (!options.AllowShortSecrets && IsDeployed(options.Secrets[i])
                && scheme.CountSecretBytes(options.Secrets[i]) is < WebhookReceiverOptions.ShortestSecret and var length)
            {
                yield return ($"Secrets[{i}]", $"has {length} bytes, and below {WebhookReceiverOptions.ShortestSecret} "
                    + "it can be found by trying. Take a longer one, or set AllowShortSecrets where the sender has none");
            }
        }
    }

    IEnumerable<(string Option, string Problem)> OfChallenges(WebhookReceiverOptions options, WebhookScheme scheme)
    {
        if (options.TenantLifetime <= TimeSpan.Zero || options.TenantLifetime > TimeSpan.FromDays(1))
            yield return (nameof(options.TenantLifetime), $"is {options.TenantLifetime}: use more than 0, and at most 1 day");
        if (scheme.NeedsVerifyToken && options.VerifyTokens.Count == 0 && definition.TenantStore is null)
        {
            yield return (nameof(options.VerifyTokens),
                "is empty: the sender asks with a text that was given to it, before it sends anything. "
                + "Add that text to WebhookReceiverOptions.VerifyTokens");
        }

        if (options.VerifyTokens.Any(x => SecretText.FindError(x ?? "") is not null))
            yield return (nameof(options.VerifyTokens), "has a text that is empty or has white space or quotes around it. Copy it anew");
        foreach (var address in options.PublicAddresses)
        {
            if (PublicAddress.FindError(address ?? "") is { } error)
                yield return (nameof(options.PublicAddresses), $"has '{address}', which {error}");
        }
    }

    static IEnumerable<(string Option, string Problem)> OfLimits(WebhookReceiverOptions options)
    {
        if (options.Priority is < 0 or > byte.MaxValue)
            yield return (nameof(options.Priority), $"is {options.Priority}: use 0 to 255");
        if (options.MaxBodyBytes is < 1 or > 1 << 30)
            yield return (nameof(options.MaxBodyBytes), $"is {options.MaxBodyBytes}: use 1 to {1 << 30}");
        if (options.EnqueueTimeout <= TimeSpan.Zero || options.EnqueueTimeout > LongestTimeout)
            yield return (nameof(options.EnqueueTimeout), $"is {options.EnqueueTimeout}: use more than 0, and at most {LongestTimeout}");
    }

    static IEnumerable<(string Option, string Problem)> OfRepeats(WebhookReceiverOptions options, WebhookScheme scheme)
    {
        if (options.Tolerance < TimeSpan.Zero || options.Tolerance > TimeSpan.FromDays(365))
            yield return (nameof(options.Tolerance), $"is {options.Tolerance}: use 0 to 365 days");
        if (options.DuplicateWindow <= TimeSpan.Zero || options.DuplicateWindow > TimeSpan.FromDays(365))
            yield return (nameof(options.DuplicateWindow), $"is {options.DuplicateWindow}: use more than 0, and at most 365 days");
        else if (scheme.SignsTimestamp && !options.AllowShortDuplicateWindow && options.Tolerance > options.DuplicateWindow / 2)
        {
            yield return (nameof(options.DuplicateWindow),
                $"is {options.DuplicateWindow}, which is less than twice its Tolerance {options.Tolerance}: a captured request could be "
                + "forgotten while its timestamp is still good. Use twice the Tolerance or more, or set AllowShortDuplicateWindow");
        }

        if (options.ReplayProtection is { } protection && !Enum.IsDefined(protection))
            yield return (nameof(options.ReplayProtection), $"is {protection}: use None, SameEventType or AnyEventType");
    }

    static IEnumerable<(string Option, string Problem)> OfAnswers(WebhookReceiverOptions options)
    {
        if (options.RetryAfter < TimeSpan.Zero || options.RetryAfter > TimeSpan.FromDays(1))
            yield return (nameof(options.RetryAfter), $"is {options.RetryAfter}: use 0 to 1 day");
        if (options.SuccessStatus is not (null or 200 or 202 or 204))
            yield return (nameof(options.SuccessStatus),
                $"is {options.SuccessStatus}: use 200, 202 or 204; to senders anything else is a failure");
        if (options is { SuccessBody: { Length: > 0 }, SuccessStatus: 204 })
            yield return (nameof(options.SuccessBody), "is set and SuccessStatus is 204, which has no body: use 200 or 202");
        if (options.SuccessBody is not null && !MediaTypeHeaderValue.TryParse(options.SuccessContentType, out _))
            yield return (nameof(options.SuccessContentType), $"is '{options.SuccessContentType}': use a content type, such as text/plain");
    }

    static IEnumerable<(string Option, string Problem)> OfHeaders(WebhookReceiverOptions options)
    {
        if (!options.AllowAllHeaders && options.Headers.FirstOrDefault(HeaderSelection.IsBoundless) is { } pattern)
        {
            yield return (nameof(options.Headers),
                $"hands on all headers by '{pattern}', and with them credentials under names that nobody has thought of: "
                + "list names, and prefixes of the sender's own such as 'x-mine-*', or set AllowAllHeaders");
        }
    }

    IEnumerable<(string Option, string Problem)> OfBus()
    {
        if (!services.IsService(typeof(IWebhookQueue)))
        {
            yield return (nameof(IWebhookQueue), "is missing, the queue to put webhooks into: call AddWebhooks() in AddMassTransit(). Of a "
                + "bus of AddMassTransit<TBus>() add its queue to the container: services.AddSingleton(x => "
                + "x.GetRequiredService<Bind<TBus, IWebhookQueue>>().Value)");
        }
    }

    /// <summary>
    /// Whether a secret comes from configuration. A short secret in code is only warned of (<see cref="ReceiverAdvice"/>), because it
    /// belongs to a demonstration or a test.
    /// </summary>
    bool IsDeployed(string secret) =>
        definition.Configurations.Any(x => x.GetSection(nameof(WebhookReceiverOptions.Secrets)).GetChildren().Any(y => y.Value == secret));
}
