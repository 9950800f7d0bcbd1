using MassTransit.Webhooks.AspNetCore;
using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit;

/// <summary>Maps receivers of webhooks to an address.</summary>
public static class WebhookEndpointExtensions
{
    const string Parameter = "receiver";

    /// <summary>
    /// Maps all receivers. The answer is 202 when the broker has confirmed a webhook, 200 for a repeat of one, and otherwise an error
    /// status with a reason (<c>application/problem+json</c>).
    /// </summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">
    /// The address; <c>{receiver}</c> stands for the receiver's name, <c>{tenant}</c> for its customer. If a receiver has a store of
    /// customers and the pattern no <c>{tenant}</c>, their addresses have that segment at the end.
    /// </param>
    /// <returns>A builder to add conventions to the endpoint: hosts, CORS, rate limits, authorization.</returns>
    /// <exception cref="ArgumentException">The pattern does not contain <c>{receiver}</c>.</exception>
    /// <exception cref="InvalidOperationException">No receiver has been added.</exception>
    public static IEndpointConventionBuilder MapWebhooks(this IEndpointRouteBuilder endpoints, string pattern = "/webhooks/{receiver}")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        if (RoutePatternFactory.Parse(pattern).GetParameter(Parameter) is null)
            throw new ArgumentException(
                $"The pattern '{pattern}' does not say where the receiver's name is: use '/webhooks/{{receiver}}'.", nameof(pattern));

        var ingress = endpoints.ServiceProvider.GetService<WebhookIngress>()
            ?? throw new InvalidOperationException(
                "There is no webhook receiver to map: call services.AddWebhookReceiver(name, ...) first.");
        var logger = endpoints.ServiceProvider.GetRequiredService<ILogger<WebhookIngress>>();
        foreach (var receiver in endpoints.ServiceProvider.GetRequiredService<ReceiverRegistry>().Definitions)
        {
            if (receiver.Scheme is UnsignedScheme)
                LogMessages.Unsigned(logger, receiver.Name);
        }

        string[] patterns = HasTenants(endpoints.ServiceProvider, pattern) ? [pattern, $"{pattern.TrimEnd('/')}/{{tenant}}"] : [pattern];
        return new Mapped([.. patterns.Select(x => endpoints.Map(x, ingress.HandleAsync).WithDisplayName($"Webhooks {x}"))]);
    }

    static bool HasTenants(IServiceProvider services, string pattern) =>
        RoutePatternFactory.Parse(pattern).GetParameter(ReceiverDefinition.TenantSegment) is null
            && services.GetRequiredService<ReceiverRegistry>().Definitions.Any(x => x.TenantStore is not null);

    /// <summary>Several addresses that a convention is meant for.</summary>
    sealed class Mapped(IReadOnlyList<IEndpointConventionBuilder> endpoints) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention)
        {
            foreach (var endpoint in endpoints)
                endpoint.Add(convention);
        }

        public void Finally(Action<EndpointBuilder> finallyConvention)
        {
            foreach (var endpoint in endpoints)
                endpoint.Finally(finallyConvention);
        }
    }
}
