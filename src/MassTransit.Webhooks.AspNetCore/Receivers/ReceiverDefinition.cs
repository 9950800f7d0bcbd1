using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What is said of a receiver in code, and does not change while the application runs.</summary>
internal sealed class ReceiverDefinition(string name)
{
    public string Name { get; } = name;

    public WebhookScheme? Scheme { get; set; }

    /// <summary>Where options are bound from: what is deployed, in contrast to what is written in code.</summary>
    public List<IConfiguration> Configurations { get; } = [];

    public Type? SecretProvider { get; set; }

    public Func<HttpContext, string?>? Tenant { get; set; }

    public Func<RateLimiter>? RateLimiter { get; set; }
}
