using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Renews the leases of all endpoints of a host. On a thread of its own, and where the host's connection has no answer in time,
/// because the application blocks every thread of the pool or because that connection is broken, over a connection of its own
/// that needs no other thread. There is neither while nothing is held for long.
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

    /// <summary>A round has become due sooner.</summary>
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

    /// <summary>Waits for what is due next; <c>null</c> ends the thread: there is nobody left to renew for.</summary>
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
            // Each is looked at by itself.
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

        // Nobody looks at an attempt that was given up: keep that from being reported as unobserved.
        _ = attempt.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
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
