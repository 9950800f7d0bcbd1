using MassTransit.RedisTransport.Receiving;
using MassTransit.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Checks this process only: it reports faults that a restart, perhaps with another configuration, can repair.</summary>
internal sealed class LiveCheck(IBusInstance bus, Liveness liveness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(liveness.Problem is { } problem
            ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Healthy($"The process runs and has its bus ({bus.Name})."));
}
