using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The part of a receiver that is set in code and does not change while the application runs.</summary>
internal sealed class ReceiverDefinition(string name)
{
    const string TenantSegment = "tenant";

    public string Name { get; } = name;

    public WebhookScheme? Scheme { get; set; }

    /// <summary>The configuration sections that options are bound from. Their values are deployed, in contrast to values in code.</summary>
    public List<IConfiguration> Configurations { get; } = [];

    public Type? SecretProvider { get; set; }

    public Func<HttpContext, string?>? Tenant { get; set; }

    public Func<RateLimiter>? RateLimiter { get; set; }

    /// <summary>Whose address a request came to: what the application selects, or the segment <c>{tenant}</c>.</summary>
    public string? TenantOf(HttpContext context) =>
        Tenant is { } select ? select(context) : context.Request.RouteValues[TenantSegment] as string is { Length: > 0 } segment ? segment
            : null;
}
