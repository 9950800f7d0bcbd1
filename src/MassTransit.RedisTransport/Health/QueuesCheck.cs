using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Keyspace;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>Checks waiting messages and dead letters. It costs three constant-time calls a queue.</summary>
internal sealed class QueuesCheck(EngineHost host, ConsumedQueues consumed, RedisHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (host.Running is not { } engine)
            return HealthCheckResult.Healthy("Queues are unknown: the bus is not started.");

        ConsumedQueue[] queues = [.. consumed.All, .. options.Queues.Except(consumed.All.Select(x => x.Queue), StringComparer.Ordinal)
            .Select(x => new ConsumedQueue(x, x + QueueName.ErrorSuffix, x + QueueName.SkippedSuffix))];
        var (depths, problem) = await BoundedQuery.RunAsync(x => Task.WhenAll(queues.Select(queue => queue.ReadAsync(engine, x))), host,
            options.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (depths is null)
            return HealthCheckResult.Degraded($"Queues are unknown: {problem}");

        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        var complaints = new List<string>();
        foreach (var queue in depths)
        {
            data[queue.Queue] = string.Create(CultureInfo.InvariantCulture,
                $"ready {queue.Ready}, delayed {queue.Delayed}, leased {queue.Leased}, dead letters {queue.DeadLetters}, oldest "
                    + $"{queue.OldestAge.TotalSeconds:0.0} s");
            complaints.AddRange(QueueRules.Judge(QueueState.Of(queue), options).Select(x => x.Complaint));
        }

        return complaints.Count == 0
            ? HealthCheckResult.Healthy(string.Create(CultureInfo.InvariantCulture, $"{depths.Length} queues, all below "
            + $"{options.MaxReady:N0} waiting messages and {options.MaxDeadLetters:N0} dead letters."), data)
            : HealthCheckResult.Degraded(string.Join(' ', complaints), null, data);
    }
}
