using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Renews the leases of all endpoints of a host on a separate thread. If the host's connection does not answer in time, because the
/// application blocks every pool thread or the connection is broken, it uses its own connection, which needs no other thread. The thread
/// and the connection exist only while messages are held for some time.
/// </summary>
internal sealed class LeaseKeeper(RedisConnectionSettings settings)
{
    readonly object _gate = new();
    readonly List<LeaseRenewal> _renewals = [];
    Thread? _thread;
    readonly DirectRenewal _direct = new(settings);

    public void Add(LeaseRenewal renewal)
    {
        lock (_gate)
        {
            _renewals.Add(renewal);
            if (_thread is null)
            {
                _thread = new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "MassTransit Redis leases" };
                _thread.UnsafeStart();
            }

            Monitor.Pulse(_gate);
        }
    }

    public void Remove(LeaseRenewal renewal)
    {
        lock (_gate)
        {
            _renewals.Remove(renewal);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Called when a round has become due earlier.</summary>
    public void Wake()
    {
        lock (_gate)
            Monitor.Pulse(_gate);
    }

    void Run()
    {
        while (NextRound() is { } due)
        {
            foreach (var renewal in due)
                renewal.Begin();
            Await(due);
            Exception? unreachable = null;
            foreach (var renewal in due)
                Conclude(renewal, ref unreachable);
            foreach (var renewal in due)
                renewal.End();
        }
    }

    /// <summary>Waits for the next due renewals. <c>null</c> ends the thread, because no endpoint is left.</summary>
    LeaseRenewal[]? NextRound()
    {
        lock (_gate)
        {
            while (_renewals.Count > 0)
            {
                var now = Stopwatch.GetTimestamp();
                LeaseRenewal[] due = [.. _renewals.Where(x => x.DueAt <= now)];
                if (due.Length > 0)
                    return due;
                Monitor.Wait(_gate, Stopwatch.GetElapsedTime(now, _renewals.Min(x => x.DueAt)) + TimeSpan.FromMilliseconds(1));
            }

            _direct.Disconnect();
            _thread = null;
            return null;
        }
    }

    static void Await(LeaseRenewal[] due)
    {
        Task[] attempts = [.. due.Select(x => x.Attempt).OfType<Task>()];
        if (attempts.Length == 0)
            return;

        try
        {
            Task.WaitAll(attempts, due.Where(x => x.Attempt is not null).Min(x => x.AnswerTimeout));
        }
        catch (AggregateException)
        {
            // The result of each renewal is handled separately.
        }
    }

    void Conclude(LeaseRenewal renewal, ref Exception? unreachable)
    {
        if (renewal.Attempt is not { } attempt)
        {
            renewal.Skip();
            return;
        }

        if (attempt.IsCompletedSuccessfully)
        {
            renewal.Succeeded(attempt.Result, isDirect: false);
            return;
        }

        // Observes the exception of an abandoned attempt, so that it is not reported as unobserved.
        _ = attempt.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        var problem = attempt.Exception?.GetBaseException() ?? new TimeoutException("no answer");
        if (attempt.Exception?.InnerException is RedisTransportException { IsTransient: false } refused)
        {
            renewal.Failed(refused, isDown: false);
            return;
        }

        if (unreachable is null)
        {
            if (_direct.TryRenew(renewal.Queue, renewal.Leases, renewal.Lease, renewal.AnswerTimeout, out var lost, out unreachable))
            {
                renewal.Succeeded(lost, isDirect: true);
                return;
            }
        }

        renewal.Failed(problem, isDown: _direct.IsDown(unreachable));
    }
}
