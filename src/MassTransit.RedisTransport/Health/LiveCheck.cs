using MassTransit.RedisTransport.Receiving;
using MassTransit.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Looks at this process only: what a restart of it, perhaps with another configuration, could cure.</summary>
internal sealed class LiveCheck(IBusInstance bus, Liveness liveness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(liveness.Problem is { } problem
            ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Healthy($"The process runs and has its bus ({bus.Name})."));
}
