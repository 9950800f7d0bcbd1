using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The part of a receiver that is set in code and does not change while the application runs.</summary>
internal sealed class ReceiverDefinition(string name)
{
    public const string TenantSegment = "tenant";

    public string Name { get; } = name;

    public WebhookScheme? Scheme { get; set; }

    /// <summary>The configuration sections that options are bound from. Their values are deployed, in contrast to values in code.</summary>
    public List<IConfiguration> Configurations { get; } = [];

    public Type? SecretProvider { get; set; }

    /// <summary>Where the customers are kept, if the receiver has many.</summary>
    public Type? TenantStore { get; set; }

    public Func<HttpContext, string?>? Tenant { get; set; }

    public Func<RateLimiter>? RateLimiter { get; set; }

    /// <summary>
    /// Whose address a request came to: what the application selects, or the segment <c>{tenant}</c>.
    /// </summary>
    /// <returns>
    /// False if the address names a tenant and the receiver has none: with the same secret for all, a captured request could be sent again
    /// under each name.
    /// </returns>
    public bool TryGetTenant(HttpContext context, out string? tenant)
    {
        tenant = Tenant is { } select ? select(context) : context.Request.RouteValues[TenantSegment] as string;
        tenant = tenant is { Length: 0 } ? null : tenant;
        return tenant is null ? TenantStore is null : Tenant is not null || TenantStore is not null || SecretProvider is not null;
    }
}
