using System.Globalization;
using System.Net;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Runs scripts over its own connection, on the calling thread. It is for callers with their own thread that must not wait for the thread
/// pool. Only one thread may use it at a time.
/// </summary>
internal sealed class DirectCaller(RedisConnection connection) : IDisposable
{
    const int MaxRedirections = 3;

    DirectConnection? _open;
    EndPoint? _endpoint;

    /// <summary>Runs one attempt. It blocks the thread.</summary>
    /// <exception cref="RedisServerException">The server has refused the script.</exception>
    /// <exception cref="IOException">
    /// The connection broke, or nothing was transferred for as long as a call may take. The script may have run.
    /// </exception>
    /// <exception cref="RedisTransportException">There is no connection from which the server's address is known.</exception>
    public RedisResult Run(RedisScript script, RedisKey[] keys, RedisValue[] values) => Run(script, keys, values, null).Result;

    /// <summary>Runs one attempt and, if replicas are required, asks how many of them have the write.</summary>
    public (RedisResult Result, int Confirmed) Run(RedisScript script, RedisKey[] keys, RedisValue[] values, Replication? replication)
    {
        var endpoint = connection.EndPointFor(keys[0]);
        for (var redirections = 0; ; redirections++)
        {
            try
            {
                var direct = Connected(endpoint);
                // Sends the script's text. With the hash a payload would be sent twice if the server does not know the script.
                var result = direct.Execute("EVAL", Arguments(script, keys, values));
                return (result, replication is null ? 0 : (int)direct.Execute("WAIT", replication.Arguments));
            }
            catch (RedisServerException exception) when (redirections < MaxRedirections && Redirected(exception.Message) is { } other)
            {
                endpoint = other;
            }
        }
    }

    /// <summary>Opens the connection if it is not open. If that fails, direct calls are not possible.</summary>
    public DirectConnection Connected(EndPoint endpoint)
    {
        if (_open is { IsBroken: false } open && endpoint.Equals(_endpoint))
            return open;

        _open?.Dispose();
        _open = null;
        _open = connection.OpenDirect(endpoint);
        _endpoint = endpoint;
        return _open;
    }

    /// <summary>Closes the connection. It may be called from another thread; a call that blocks then fails.</summary>
    public void Dispose() => _open?.Dispose();

    static RedisValue[] Arguments(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        var arguments = new RedisValue[2 + keys.Length + values.Length];
        arguments[0] = script.Text;
        arguments[1] = keys.Length;
        for (var i = 0; i < keys.Length; i++)
            arguments[2 + i] = (byte[]?)keys[i];
        values.CopyTo(arguments, 2 + keys.Length);
        return arguments;
    }

    /// <summary>Reads the server of a redirection such as <c>MOVED 3999 10.0.0.1:6381</c>.</summary>
    static EndPoint? Redirected(string message)
    {
        if (!message.StartsWith("MOVED ", StringComparison.Ordinal))
            return null;

        var address = message.AsSpan(message.LastIndexOf(' ') + 1);
        var colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? SentinelWatch.EndPointOf(address[..colon].ToString(), port)
            : null;
    }
}

/// <summary>
/// The result of a direct call. <see cref="IsPossible"/> is false if no own connection could be opened and nothing was sent.
/// </summary>
internal readonly record struct DirectReply(bool IsPossible, RedisResult? Result, int Confirmed);

/// <summary>
/// Runs direct calls for callers without their own thread. One thread is for large payloads, which must not delay other calls, and one is
/// for all other calls while the pool has no free thread. Both threads end after a time without work.
/// </summary>
internal sealed class DirectScripts(RedisConnection connection) : IDisposable
{
    /// <summary>
    /// The size from which a call uses a direct connection. It takes 2 seconds on a link of 1 Mbit/s, and the largest call of small
    /// messages stays below it.
    /// </summary>
    public const int LargeBytes = 256 * 1024;

    readonly DirectThread _large = new(connection, "MassTransit Redis large payloads");
    readonly DirectThread _rescue = new(connection, "MassTransit Redis without pool");

    /// <summary>Runs one attempt. The code that awaits it continues on the direct thread, which does not belong to the pool.</summary>
    public Task<DirectReply> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, Replication? replication,
        ServerSession session, bool rescue) =>
        (rescue ? _rescue : _large).RunAsync(caller =>
        {
            DirectConnection direct;
            try
            {
                direct = caller.Connected(connection.EndPointFor(keys[0]));
            }
            catch (Exception exception) when (exception is RedisServerException || RedisErrors.IsTransient(exception))
            {
                return default;
            }

            var (result, confirmed) = caller.Run(script, keys, values, replication);
            if (session.IsReplaced)
                throw ServerSession.Untrusted();
            if (rescue)
                session.Check?.Trust(direct);
            return new DirectReply(true, result, confirmed);
        });

    /// <summary>Pauses without a timer, because a timer needs the pool.</summary>
    public Task PauseAsync(TimeSpan pause) => _rescue.RunAsync(_ =>
    {
        OwnThread.Sleep(pause);
        return true;
    });

    public void Dispose()
    {
        _large.Dispose();
        _rescue.Dispose();
    }
}

/// <summary>A thread that runs direct calls one after the other.</summary>
internal sealed class DirectThread(RedisConnection connection, string name) : IDisposable
{
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    readonly Queue<Action<DirectCaller>> _jobs = new();
    DirectCaller? _caller;
    bool _running;
    bool _disposed;

    public Task<T> RunAsync<T>(Func<DirectCaller, T> job)
    {
        // Continuations run on this thread, because the pool may have no free thread.
        var completion = new TaskCompletionSource<T>();
        bool start;
        lock (_jobs)
        {
            if (_disposed)
                return Task.FromException<T>(new ObjectDisposedException(name));
            _jobs.Enqueue(caller => Complete(completion, job, caller));
            start = !_running;
            _running = true;
            Monitor.Pulse(_jobs);
        }

        if (start)
            new Thread(Run) { IsBackground = true, Name = name }.UnsafeStart();
        return completion.Task;
    }

    public void Dispose()
    {
        lock (_jobs)
        {
            _disposed = true;
            _caller?.Dispose();
            Monitor.Pulse(_jobs);
        }
    }

    static void Complete<T>(TaskCompletionSource<T> completion, Func<DirectCaller, T> job, DirectCaller caller)
    {
        T result;
        try
        {
            result = job(caller);
        }
        catch (Exception exception)
        {
            // The exception is handed to the caller that waits.
            completion.TrySetException(exception);
            return;
        }

        completion.TrySetResult(result);
    }

    void Run()
    {
        using var caller = new DirectCaller(connection);
        while (true)
        {
            Action<DirectCaller>? job;
            lock (_jobs)
            {
                _caller = caller;
                while (!_jobs.TryDequeue(out job))
                {
                    if (_disposed || !Monitor.Wait(_jobs, Idle) && _jobs.Count == 0)
                    {
                        _running = false;
                        _caller = null;
                        return;
                    }
                }
            }

            job(caller);
        }
    }
}
