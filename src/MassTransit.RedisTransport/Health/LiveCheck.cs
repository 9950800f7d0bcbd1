using MassTransit.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Looks at this process only: what a restart of it could cure.</summary>
internal sealed class LiveCheck(IBusInstance bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy($"The process runs and has its bus ({bus.Name})."));
}
