using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

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
    readonly Dictionary<EndPoint, DirectConnection> _direct = [];

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

            Disconnect();
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
            try
            {
                renewal.Succeeded(RenewDirectly(renewal), isDirect: true);
                return;
            }
            catch (Exception exception) when (exception is IOException or SocketException or RedisException or RedisTransportException or TimeoutException)
            {
                Disconnect();
                unreachable = exception;
            }
        }

        renewal.Failed(problem, isDown: TheOneServer(renewal) is not null && IsRefusal(unreachable));
    }

    int[] RenewDirectly(LeaseRenewal renewal)
    {
        var lost = new List<int>();
        var leases = renewal.Leases;
        for (var first = 0; first < leases.Count; first += MessageQueue.MaxBatch)
        {
            var count = Math.Min(MessageQueue.MaxBatch, leases.Count - first);
            RedisValue[] arguments =
            [
                ScriptCatalog.Renew.Text, renewal.Queue.Keys.All.Length, .. renewal.Queue.Keys.All.Select(x => (RedisValue)(byte[])x!),
                (long)renewal.Lease.TotalMilliseconds, .. leases.Skip(first).Take(count).Select(x => (RedisValue)x.Member),
            ];
            foreach (var index in (RedisResult[])Connect(renewal).Execute("EVAL", arguments)!)
                lost.Add(first + (int)index - 1);
        }

        return [.. lost];
    }

    DirectConnection Connect(LeaseRenewal renewal)
    {
        var endpoint = TheOneServer(renewal) ?? renewal.Connection.EndPointFor(renewal.Queue.Keys.All[0]);
        if (_direct.TryGetValue(endpoint, out var open) && !open.IsBroken)
            return open;

        open?.Dispose();
        return _direct[endpoint] = DirectConnection.Open(endpoint, settings.Options, renewal.Connection.IsCluster ? 0 : settings.Database, renewal.AnswerTimeout);
    }

    void Disconnect()
    {
        foreach (var connection in _direct.Values)
            connection.Dispose();
        _direct.Clear();
    }

    /// <summary>Where there is just one, its refusal says that it serves nobody; another one could have taken its place otherwise.</summary>
    EndPoint? TheOneServer(LeaseRenewal renewal) =>
        settings.External is null && !renewal.Connection.IsCluster && settings.Options is { ServiceName: null or "", EndPoints: [var endpoint] } ? endpoint : null;

    static bool IsRefusal(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
                return true;
        }

        return false;
    }
}
