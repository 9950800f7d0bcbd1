using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit;

/// <summary>Adds the health check of webhooks.</summary>
public static class WebhookHealthExtensions
{
    /// <summary>
    /// Adds the check <c>webhooks-latency</c> (tag <c>ready</c>): It is degraded while the time from received to processed exceeds its
    /// limit for a processor of this process.
    /// </summary>
    /// <param name="builder">The health checks of the application, which has called <c>AddWebhooks</c>.</param>
    /// <param name="configure">Changes the thresholds.</param>
    /// <param name="name">The check's name.</param>
    /// <exception cref="ConfigurationException">An option is out of its range. The message names the option and the cure.</exception>
    public static IHealthChecksBuilder AddWebhookLatency(this IHealthChecksBuilder builder, Action<WebhookHealthOptions>? configure = null,
        string name = "webhooks-latency")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var options = new WebhookHealthOptions();
        configure?.Invoke(options);
        options.Problems().ThrowIfAny(nameof(WebhookHealthOptions));
        return builder.Add(new HealthCheckRegistration(name, x => new LatencyCheck(x.GetRequiredService<IWebhookStatistics>(), options),
            null, ["ready", "webhooks"]));
    }
}
