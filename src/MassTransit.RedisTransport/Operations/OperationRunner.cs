using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Operations;

/// <summary>
/// Works on all operations that belong to no process, one after the other of each queue and those of several queues at once, and groups
/// dead
/// letters that are not grouped yet.
/// </summary>
internal sealed class OperationRunner(EngineHost host, ConsumedQueues consumed, OperationTiming timing)
{
    readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    long _grouped;
    bool _isFailing;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(cancellationToken).ConfigureAwait(false);
                _isFailing = false;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                Failed("operations", exception);
                _isFailing = true;
            }

            await Task.Delay(timing.Poll, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_running.Values).ConfigureAwait(false);
    }

    async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in await host.Current.ListOperationQueuesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_running.TryGetValue(queue, out var task) && !task.IsCompleted)
                continue;

            var (ids, running) = await host.Current.Inspect(queue).ListOperationsAsync(cancellationToken).ConfigureAwait(false);
            if (running is not null)
                _running[queue] = WorkAsync(queue, running, cancellationToken);
            else if (ids.Length == 0)
                await host.Current.ForgetOperationsAsync(queue, cancellationToken).ConfigureAwait(false);
        }

        if (_grouped == 0 || Stopwatch.GetElapsedTime(_grouped) > timing.Grouping)
        {
            _grouped = Stopwatch.GetTimestamp();
            await GroupAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    async Task WorkAsync(string queue, string id, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
            await new OperationExecutor(found, id, timing, static _ => { }).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // This process stops, and another one goes on.
        }
        catch (Exception exception)
        {
            // It is tried again after a while, here or elsewhere. An operation that cannot go on says so itself.
            Failed(id, exception);
        }
    }

    /// <summary>Brings the failure groups of every dead-letter queue up to date, step by step.</summary>
    async Task GroupAsync(CancellationToken cancellationToken)
    {
        var engine = host.Current;
        var named = await engine.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false);
        foreach (var name in (await engine.ListQueuesAsync(cancellationToken).ConfigureAwait(false))
            .Where(x => QueueName.OriginalOf(x) is not null || named.Contains(x)))
        {
            var queue = engine.Inspect(name);
            var groups = await queue.ListGroupsAsync(cancellationToken).ConfigureAwait(false);
            while (FailureGroups.IsBehind(groups) && !cancellationToken.IsCancellationRequested)
            {
                if (await FailureGroups.StepAsync(queue, groups, cancellationToken).ConfigureAwait(false))
                    break;
                // The server serves others between two steps.
                await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken).ConfigureAwait(false);
                groups = await queue.ListGroupsAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    void Failed(string subject, Exception exception)
    {
        if (!_isFailing)
            LogMessages.MaintenanceFailed(host.Logger, subject, exception);
    }
}
