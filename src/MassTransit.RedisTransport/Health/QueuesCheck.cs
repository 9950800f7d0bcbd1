using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Keyspace;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.Health;

/// <summary>
/// Checks waiting messages, dead letters and pauses. It costs three constant-time calls a queue, and one more for a paused one.
/// </summary>
internal sealed class QueuesCheck(EngineHost host, ConsumedQueues consumed, RedisHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (host.Running is not { } engine)
            return HealthCheckResult.Healthy("Queues are unknown: the bus is not started.");

        ConsumedQueue[] queues = [.. consumed.All, .. options.Queues.Except(consumed.All.Select(x => x.Queue), StringComparer.Ordinal)
            .Select(x => new ConsumedQueue(x, x + QueueName.ErrorSuffix, x + QueueName.SkippedSuffix))];
        var (depths, problem) = await BoundedQuery.RunAsync(x => Task.WhenAll(queues.Select(queue => ReadAsync(engine, queue, x))), host,
            options.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (depths is null)
            return HealthCheckResult.Degraded($"Queues are unknown: {problem}");

        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        var complaints = new List<string>();
        var pauses = new List<string>();
        foreach (var (queue, control) in depths)
        {
            data[queue.Queue] = string.Create(CultureInfo.InvariantCulture,
                $"ready {queue.Ready}, delayed {queue.Delayed}, leased {queue.Leased}, dead letters {queue.DeadLetters}, oldest "
                    + $"{queue.OldestAge.TotalSeconds:0.0} s");
            complaints.AddRange(QueueRules.Judge(QueueState.Of(queue), options).Select(x => x.Complaint));
            if (control is null || ControlRules.Pause(queue.Queue, control, options) is not { } pause)
                continue;

            data[queue.Queue] += "; " + pause.Sentence;
            if (pause.Severity > RedisFindingSeverity.Note)
                complaints.Add(pause.Complaint);
            else
                pauses.Add(pause.Sentence);
        }

        return complaints.Count == 0
            ? HealthCheckResult.Healthy(string.Create(CultureInfo.InvariantCulture, $"{depths.Length} queues, all below "
            + $"{options.MaxReady:N0} waiting messages and {options.MaxDeadLetters:N0} dead letters. {string.Join(' ', pauses)}")
                .TrimEnd(), data)
            : HealthCheckResult.Degraded(string.Join(' ', complaints), null, data);
    }

    static async Task<(QueueDepths Depths, ControlState? Control)> ReadAsync(QueueEngine engine, ConsumedQueue queue,
        CancellationToken cancellationToken)
    {
        var depths = await queue.ReadAsync(engine, cancellationToken).ConfigureAwait(false);
        return (depths, depths.IsPaused ? await engine.ReadControlAsync(queue.Queue, cancellationToken).ConfigureAwait(false) : null);
    }
}
