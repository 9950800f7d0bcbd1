using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What is said of a receiver in code, and does not change while the application runs.</summary>
internal sealed class ReceiverDefinition(string name)
{
    public string Name { get; } = name;

    public WebhookScheme? Scheme { get; set; }

    public Type? SecretProvider { get; set; }

    public Func<HttpContext, string?>? Tenant { get; set; }

    public Func<RateLimiter>? RateLimiter { get; set; }
}
