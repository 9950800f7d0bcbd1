using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Checks whether this process can work: Redis answers, and the bus is started.</summary>
internal sealed class ReadyCheck(IBusInstance bus, EngineHost host, RedisHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (host.Running is not { } engine)
            return HealthCheckResult.Unhealthy("The bus is not started. Wait for its start, or look for what stopped it in the log.");

        var (answer, problem) = await BoundedQuery.RunAsync(x => engine.Connection.PingAsync(x), host, options.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (problem is not null)
            return HealthCheckResult.Unhealthy(problem);

        var data = new Dictionary<string, object> { ["roundTripMilliseconds"] = answer.TotalMilliseconds };
        var state = bus.BusControl.CheckHealth();
        var endpoints = state.Endpoints.Where(x => x.Value.Status != BusHealthStatus.Healthy).Select(x => $"{x.Key}: {x.Value.Description}")
            .ToArray();
        var where = endpoints.Length == 0 ? "" : $" ({string.Join("; ", endpoints.Take(5))})";
        return state.Status switch
        {
            BusHealthStatus.Healthy => HealthCheckResult.Healthy(
                string.Create(CultureInfo.InvariantCulture,
                    $"Redis answered within {answer.TotalMilliseconds:0.0} ms and the bus is started."), data),
            BusHealthStatus.Degraded => HealthCheckResult.Degraded(
                $"Redis answers, but the bus is not whole: {state.Description}{where}. It repairs itself; if this lasts, read the log of "
                    + $"the endpoints named.", null, data),
            _ => HealthCheckResult.Unhealthy(
                $"Redis answers, but the bus is not ready: {state.Description}{where}. While it starts this passes; if it lasts, read "
                    + $"the log of the endpoints named.", null, data),
        };
    }
}
