using System.Diagnostics;
using System.Net.Sockets;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <param name="Result">What the script returned.</param>
/// <param name="Repeated">True when an earlier attempt of the same call may have been applied already.</param>
internal readonly record struct ScriptReply(RedisResult Result, bool Repeated);

/// <summary>Runs scripts by hash, loads them where a server does not know them, and says in plain words what went wrong.</summary>
internal sealed class ScriptRunner
{
    /// <summary>Between two attempts of one operation while the server is away: soon, then calmer.</summary>
    static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400),
    ];

    /// <summary>What a call gets at least, also when the time was spent on waiting for its turn.</summary>
    static readonly TimeSpan LeastAttempt = TimeSpan.FromMilliseconds(250);

    readonly RedisConnection _connection;

    public ScriptRunner(RedisConnection connection) => _connection = connection;

    public RedisConnection Connection => _connection;

    /// <summary>One attempt.</summary>
    /// <exception cref="RedisTransportException">The server refused the script; trying again does not help.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken = default)
    {
        var database = await _connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // Flushed, restarted or failed over. The text goes to the server that holds these keys, which then knows it.
            return await database.ExecuteAsync("EVAL", EvalArguments(script, keys, values)).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Attempts until the server answers or the time is over. Only for scripts that may be applied twice without harm, which
    /// all of them are.
    /// </summary>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public async Task<ScriptReply> RunWithRetryAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan timeout, long since,
        CancellationToken cancellationToken = default)
    {
        for (var attempt = 0;; attempt++)
        {
            try
            {
                var running = RunAsync(script, keys, values, cancellationToken);
                var left = timeout - Stopwatch.GetElapsedTime(since);
                // The client gives up on a server that stands still after a time of its own: the caller's may be over sooner.
                if (left < _connection.CallTimeout)
                    running = WithinAsync(running, left > LeastAttempt ? left : LeastAttempt, cancellationToken);
                return new ScriptReply(await running.ConfigureAwait(false), attempt > 0);
            }
            catch (Exception exception) when (IsTransient(exception))
            {
                var pause = Pauses[Math.Min(attempt, Pauses.Length - 1)];
                if (Stopwatch.GetElapsedTime(since) + pause > timeout)
                    throw TimedOut(script, timeout, exception);
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisServerException exception)
            {
                throw Refused(script, keys, exception);
            }
        }
    }

    /// <summary>The server is away, starting, failing over or busy: the same call may succeed in a moment.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        RedisConnectionException or TimeoutException => true,
        // The client is closed, or was called in a way it does not know.
        ObjectDisposedException or RedisCommandException => false,
        // What the client lets through of the pipe of a connection that it is giving up.
        InvalidOperationException or IOException or SocketException => true,
        RedisTransportException { IsTransient: true } => true,
        RedisServerException server => StartsWithAny(server.Message,
            "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY", "UNBLOCKED", "NOREPLICAS"),
        _ => false,
    };

    public static RedisTransportException Refused(RedisScript script, RedisKey[] keys, RedisServerException exception)
    {
        var first = keys.Length > 0 ? keys[0].ToString() : "";
        var message = exception.Message;
        var cure = message switch
        {
            _ when message.Contains("WRONGTYPE", StringComparison.Ordinal) =>
                "A key of this queue holds another type of value: another application uses the same names. Set a KeyPrefix, or rename "
                + "or delete the foreign key (TYPE shows which one it is).",
            _ when message.Contains("OOM", StringComparison.Ordinal) =>
                "The server has reached maxmemory. Consumers can still drain it; raise maxmemory, or find what fills it.",
            _ when message.Contains("MISCONF", StringComparison.Ordinal) =>
                "The server cannot write its snapshot and refuses writes. Look at its disk and its log.",
            _ when message.Contains("NOPERM", StringComparison.Ordinal) || message.Contains("NOAUTH", StringComparison.Ordinal) =>
                "The user lacks a right: it needs the keys and channels of the prefix, +@all -@dangerous +info, and scripts (+eval +evalsha).",
            _ when message.Contains("CROSSSLOT", StringComparison.Ordinal) =>
                "Keys of one operation lie in different slots: this is a defect of the transport, please report it.",
            _ => "See the server's message.",
        };
        return new RedisTransportException($"Redis refused '{script.Name}' on {first}: {FirstLine(message)}. {cure}", exception);
    }

    public static RedisTransportException Unanswered(RedisScript script, Exception exception) =>
        exception as RedisTransportException
        ?? new RedisTransportException($"Redis did not answer '{script.Name}' ({FirstLine(exception.Message)}).", exception) { IsTransient = true };

    static RedisTransportException TimedOut(RedisScript script, TimeSpan timeout, Exception exception) =>
        new($"Redis did not confirm '{script.Name}' within {timeout.TotalSeconds:0.#} s ({FirstLine(exception.Message)}). It may or may not have "
            + "been applied. Check the server; SendTimeout says how long a send waits through an outage.", exception)
        { IsTransient = true };

    static string FirstLine(string message)
    {
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }

    static bool StartsWithAny(string message, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (message.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        // Errors of commands inside a script come wrapped in the script's own message.
        return message.Contains("READONLY", StringComparison.Ordinal) || message.Contains("LOADING", StringComparison.Ordinal);
    }

    static async Task<RedisResult> WithinAsync(Task<RedisResult> running, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Nobody looks at an attempt that was given up: keep that from being reported as unobserved.
            _ = running.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    static object[] EvalArguments(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        var arguments = new object[2 + keys.Length + values.Length];
        arguments[0] = script.Text;
        arguments[1] = keys.Length;
        for (var i = 0; i < keys.Length; i++)
            arguments[2 + i] = keys[i];
        for (var i = 0; i < values.Length; i++)
            arguments[2 + keys.Length + i] = values[i];
        return arguments;
    }
}
