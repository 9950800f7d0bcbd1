using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Maintenance;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.Operations;

/// <summary>
/// Works on all operations that belong to no process, one after the other of each queue and those of several queues at once, and groups
/// dead letters that are not grouped yet.
/// </summary>
/// <param name="host">Where the queues are.</param>
/// <param name="consumed">The queues that this process receives from.</param>
/// <param name="timing">How often it looks.</param>
/// <param name="started">Is set when this process has started or resumed an operation, which then begins at once.</param>
internal sealed class OperationRunner(EngineHost host, ConsumedQueues consumed, OperationTiming timing, AsyncSignal started)
{
    readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    Task _grouping = Task.CompletedTask;
    long _grouped;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var loop = new BackgroundLoop(TimeSpan.Zero, RunOnceAsync, () => timing.Poll, exception => Failed("operations", exception));
        await using (loop.ConfigureAwait(false))
        {
            try
            {
                while (true)
                {
                    await started.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
                    loop.Hurry();
                }
            }
            catch (OperationCanceledException)
            {
                // This process stops.
            }
        }

        await Task.WhenAll(_running.Values.Append(_grouping)).ConfigureAwait(false);
    }

    async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in await host.Current.ListOperationQueuesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_running.TryGetValue(queue, out var task) && !task.IsCompleted)
                continue;

            var (ids, running) = await host.Current.Inspect(queue).ListOperationsAsync(cancellationToken).ConfigureAwait(false);
            if (running is not null)
                _running[queue] = WorkAsync(running, () => ExecuteAsync(queue, running, cancellationToken), cancellationToken);
            else if (ids.Length == 0)
                await host.Current.ForgetOperationsAsync(queue, cancellationToken).ConfigureAwait(false);
        }

        // Beside the operations, which do not wait for a million dead letters to be grouped.
        if (_grouping.IsCompleted && (_grouped == 0 || Stopwatch.GetElapsedTime(_grouped) > timing.Grouping))
        {
            _grouped = Stopwatch.GetTimestamp();
            _grouping = WorkAsync("failure groups", () => GroupAsync(cancellationToken), cancellationToken);
        }
    }

    async Task ExecuteAsync(string queue, string id, CancellationToken cancellationToken)
    {
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        var operation = await new OperationExecutor(found, id, timing, static _ => { }).RunAsync(cancellationToken).ConfigureAwait(false);
        if (operation is null || !OperationReading.Read(operation).HasEnded)
            return;
        // The next one on the queue may have been started meanwhile.
        _running.TryRemove(queue, out _);
        started.Set();
    }

    async Task WorkAsync(string subject, Func<Task> work, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // This process stops, and another one goes on.
        }
        catch (Exception exception)
        {
            // It is tried again after a while, here or elsewhere. An operation that cannot go on says so itself.
            Failed(subject, exception);
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

    void Failed(string subject, Exception exception) => LogMessages.MaintenanceFailed(host.Logger, subject, exception);
}
