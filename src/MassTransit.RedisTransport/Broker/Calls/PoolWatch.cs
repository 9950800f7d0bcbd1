using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Connections;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Distinguishes a server that does not answer from a thread pool without a free thread. Code that runs on the pool cannot see the
/// difference, so a thread outside it watches the calls under way. The thread sleeps while there are none.
/// </summary>
internal static class PoolWatch
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The time after which a call is suspicious. A healthy server answers sooner, and a pool with a free thread starts work sooner.
    /// </summary>
    static readonly TimeSpan Suspicious = TimeSpan.FromMilliseconds(400);

    static readonly object Gate = new();
    static readonly LinkedList<Guarded> Calls = new();
    static long _probedAt;
    static volatile bool _probing;
    static volatile bool _starved;
    static bool _started;
    static bool _sleeping;

    /// <summary>True while the pool starts no queued work.</summary>
    public static bool IsStarved => _starved;

    /// <summary>Returns a task that completes as the given one, but fails in time if only the pool keeps it from completing.</summary>
    /// <exception cref="PoolStarvedException">The pool has no free thread for the answer.</exception>
    public static Task<T> GuardAsync<T>(Task<T> running)
    {
        if (running.IsCompleted)
            return running;

        var call = new Guarded<T>(running);
        lock (Gate)
        {
            call.Node = Calls.AddLast(call);
            if (!_started)
            {
                _started = true;
                new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "MassTransit Redis pool watch" }.UnsafeStart();
            }
            else if (_sleeping)
            {
                _sleeping = false;
                Monitor.Pulse(Gate);
            }
        }

        running.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(call.OnCompleted);
        return call.Task;
    }

    static void Run()
    {
        while (true)
        {
            lock (Gate)
            {
                if (Calls.Count == 0 && !_starved)
                {
                    _sleeping = true;
                    while (_sleeping)
                        Monitor.Wait(Gate);
                }
            }

            OwnThread.Sleep(Tick);
            CheckCalls();
        }
    }

    static void CheckCalls()
    {
        var late = new List<Guarded>();
        lock (Gate)
        {
            for (var node = Calls.First; node is not null && Stopwatch.GetElapsedTime(node.Value.Since) > Suspicious; node = node.Next)
                late.Add(node.Value);
        }

        if (late.Count == 0 && !_starved)
            return;

        if (!_probing)
        {
            _probing = true;
            _probedAt = Stopwatch.GetTimestamp();
            ThreadPool.UnsafeQueueUserWorkItem(static _ => Answered(), null);
        }
        else if (Stopwatch.GetElapsedTime(_probedAt) > Suspicious)
        {
            _starved = true;
            foreach (var call in late)
                call.Starve();
        }
    }

    static void Answered()
    {
        _starved = false;
        _probing = false;
    }

    abstract class Guarded
    {
        public long Since { get; } = Stopwatch.GetTimestamp();

        public LinkedListNode<Guarded>? Node { get; set; }

        public abstract void Starve();

        protected void Leave()
        {
            lock (Gate)
            {
                if (Node is { List: not null } node)
                    Calls.Remove(node);
            }
        }
    }

    /// <summary>A task that is completed without the pool, either on the thread that receives the answer or by the watch.</summary>
    sealed class Guarded<T>(Task<T> running) : Guarded
    {
        readonly TaskCompletionSource<T> _completion = new();

        public Task<T> Task => _completion.Task;

        public void OnCompleted()
        {
            Leave();
            _completion.TrySetFromTask(running);
        }

        public override void Starve()
        {
            Leave();
            // Observes the exception, so that it is not reported as unobserved, because nobody awaits the answer any more.
            _ = running.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            _completion.TrySetException(new PoolStarvedException());
        }
    }
}
