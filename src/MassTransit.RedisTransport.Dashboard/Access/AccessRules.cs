using System.Security.Claims;
using MassTransit.RedisTransport.Dashboard.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Access;

/// <summary>
/// Decides what a request may do. Policies are asked here and not by metadata alone, which an <c>AllowAnonymous</c> on a group around the
/// dashboard would override.
/// </summary>
internal sealed class AccessRules(IReadOnlyDictionary<Right, string> policies, bool isOpen, bool isReadOnly, bool isDevelopment,
    Func<ClaimsPrincipal, string, bool>? visible, ILogger logger)
{
    static readonly Right[] All = Enum.GetValues<Right>();

    int _warned;

    public bool IsReadOnly => isReadOnly;

    public async Task<Viewer> FindAsync(HttpContext context)
    {
        if (policies.Count > 0)
            return await AskAsync(context).ConfigureAwait(false);
        if (isOpen || (isDevelopment && LocalRequest.Is(context)))
            return Viewer(context, All, mustSignIn: false);

        if (Interlocked.Exchange(ref _warned, 1) == 0)
            LogMessages.Closed(logger);
        return Viewer(context, [], mustSignIn: false);
    }

    async Task<Viewer> AskAsync(HttpContext context)
    {
        var provider = context.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>();
        var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var results = new Dictionary<string, PolicyAuthorizationResult?>(StringComparer.Ordinal);
        foreach (var name in policies.Values.Distinct(StringComparer.Ordinal))
        {
            if (await provider.GetPolicyAsync(name).ConfigureAwait(false) is not { } policy)
            {
                LogMessages.UnknownPolicy(logger, name);
                results[name] = null;
                continue;
            }

            var authentication = await evaluator.AuthenticateAsync(policy, context).ConfigureAwait(false);
            results[name] = await evaluator.AuthorizeAsync(policy, authentication, context, context).ConfigureAwait(false);
        }

        var rights = policies.Where(x => results[x.Value]?.Succeeded == true).Select(x => x.Key);
        return Viewer(context, rights, results.Values.Any(x => x?.Challenged == true));
    }

    /// <summary>The names of the schemes by which the policy of a right asks somebody to sign in; none: the host's own.</summary>
    public async Task<IReadOnlyList<string>> SchemesAsync(HttpContext context, Right right) =>
        policies.TryGetValue(right, out var name)
        && await context.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(name).ConfigureAwait(false)
            is { } policy ? policy.AuthenticationSchemes : [];

    Viewer Viewer(HttpContext context, IEnumerable<Right> rights, bool mustSignIn)
    {
        var given = rights.Where(x => !isReadOnly || x is Right.View or Right.ViewPayload).ToHashSet();
        return new Viewer(context.User, NameOf(context), given, mustSignIn, visible);
    }

    static string NameOf(HttpContext context)
    {
        var user = context.User;
        var name = user.Identity?.Name ?? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.FindFirstValue("sub")
            ?? user.FindFirstValue(ClaimTypes.Email);
        if (user.Identity?.IsAuthenticated == true)
            return string.IsNullOrWhiteSpace(name) ? "unnamed" : name;
        return LocalRequest.Is(context) ? "local" : "anonymous";
    }
}
