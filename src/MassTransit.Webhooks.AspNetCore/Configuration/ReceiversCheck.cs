using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reports whether the receivers work as configured. It makes no calls; it reports what is already known.</summary>
internal sealed class ReceiversCheck(ReceiverOptionsMonitor options, ReceiverAdvice advice, DeduplicationGuard deduplication) : IHealthCheck
{
    public const string Name = "webhook-receivers";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var complaints = options.Refused
            .Select(x => $"A change of the configuration of the receiver '{x.Key}' was refused, its last good options are in force: "
            + $"{x.Value} Mend it.")
            .Concat(advice.WithShortSecrets.Select(x =>
                $"The receiver '{x}' has a secret of less than {WebhookReceiverOptions.ShortestSecret} bytes, which can be found by "
                + "trying: take a longer one, or set AllowShortSecrets."))
            .ToList();
        if (deduplication.Problem is { } problem)
            complaints.Add($"Repeats of webhooks are not recognized, since their store cannot be asked: {problem}");
        return Task.FromResult(complaints.Count == 0
            ? HealthCheckResult.Healthy("The receivers work as they are configured.")
            : HealthCheckResult.Degraded(string.Join(' ', complaints)));
    }
}
