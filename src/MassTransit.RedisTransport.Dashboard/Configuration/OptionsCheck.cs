using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Diagnostics;
using MassTransit.RedisTransport.Dashboard.Payloads;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.Dashboard.Configuration;

/// <summary>Finds what cannot work while the application starts, and not when somebody needs the page.</summary>
internal static class OptionsCheck
{
    public static IReadOnlyDictionary<Right, string> PoliciesOf(RedisDashboardOptions options, IServiceProvider services)
    {
        var policies = new (Right Right, string? Policy)[]
        {
            (Right.View, options.View), (Right.ViewPayload, options.ViewPayload), (Right.Operate, options.Operate),
            (Right.Edit, options.Edit), (Right.Destroy, options.Destroy),
        }.Where(x => !string.IsNullOrEmpty(x.Policy)).ToDictionary(x => x.Right, x => x.Policy!);
        if (policies.Count == 0)
            return policies;

        if (options.IsOpenToEveryone)
            throw new InvalidOperationException("The Redis dashboard has policies and is open to everyone: remove one of them.");
        if (services.GetService<IPolicyEvaluator>() is null || services.GetService<IAuthorizationPolicyProvider>() is not { } provider)
            throw new InvalidOperationException(
                "The Redis dashboard has policies, and the application none: call services.AddAuthorization(...).");
        foreach (var (right, policy) in policies)
        {
            // A provider that has to ask somebody is asked with the first request.
            var found = provider.GetPolicyAsync(policy);
            if (found is { IsCompletedSuccessfully: true, Result: null })
            {
                throw new InvalidOperationException(
                    $"There is no authorization policy '{policy}', which RedisDashboardOptions.{right} names: add it by AddAuthorization.");
            }
        }

        return policies;
    }

    public static BoardSettings SettingsOf(RedisDashboardOptions options) => new()
    {
        PublicPath = PathOf(options.PublicPath),
        PublicOrigin = OriginOf(options.PublicOrigin),
        TraceUrl = AddressOf(options.TraceUrl, nameof(options.TraceUrl), TraceLink.Placeholder),
        GrafanaUrl = AddressOf(options.GrafanaUrl, nameof(options.GrafanaUrl), null),
        IsSecretHeader = options.IsSecretHeader is { } isSecret
            ? name => ApplicationCode.Call(nameof(options.IsSecretHeader), () => isSecret(name)) : Secrets.IsSecret,
        RedactBody = options.RedactBody is { } redact
            ? (body, type) => ApplicationCode.Call(nameof(options.RedactBody), () => redact(body, type)) : null,
    };

    static string? PathOf(string? path)
    {
        if (path is null)
            return null;
        if (path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\')
            && Uri.IsWellFormedUriString(path, UriKind.Relative) && path.IndexOfAny(['?', '#']) < 0)
            return path.TrimEnd('/');
        throw new InvalidOperationException(
            $"RedisDashboardOptions.PublicPath is '{path}': write the path that browsers see, such as '/tools/ops'.");
    }

    static Uri? OriginOf(string? origin)
    {
        if (origin is null)
            return null;
        return Uri.TryCreate(origin, UriKind.Absolute, out var address) && SameOrigin.IsOrigin(address)
            ? address
            : throw new InvalidOperationException($"RedisDashboardOptions.PublicOrigin is '{origin}': write scheme, host and port alone, "
                + "such as 'https://ops.example.com'.");
    }

    static string? AddressOf(string? address, string option, string? placeholder)
    {
        if (address is null)
            return null;
        // The id stands where it cannot become a part of the scheme or of the host.
        var probe = placeholder is null ? address : address.Replace(placeholder, new string('0', 32), StringComparison.OrdinalIgnoreCase);
        if (Uri.TryCreate(probe, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && (placeholder is null || (probe != address && !uri.Authority.Contains("00000000000000000000000000000000",
                StringComparison.Ordinal))))
            return address;
        var example = placeholder is null ? "" : $" and contains {placeholder} in its path: http://localhost:16686/trace/{placeholder}";
        throw new InvalidOperationException(
            $"RedisDashboardOptions.{option} is '{address}': write an address that begins with http:// or https://{example}.");
    }
}
