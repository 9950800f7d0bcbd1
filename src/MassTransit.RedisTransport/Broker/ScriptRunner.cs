using System.Diagnostics;
using System.Net.Sockets;
using MassTransit.RedisTransport.Diagnostics;
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

    /// <summary>The client gives up on one answer after this long, or sooner; only where less is left is its wait cut short.</summary>
    static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(5);

    /// <summary>What an attempt gets at least, also when the time was spent on waiting for its turn.</summary>
    static readonly TimeSpan LeastAttempt = TimeSpan.FromMilliseconds(250);

    readonly RedisConnection _connection;

    public ScriptRunner(RedisConnection connection) => _connection = connection;

    public RedisConnection Connection => _connection;

    /// <summary>One attempt.</summary>
    /// <exception cref="RedisTransportException">The server refused the script; trying again does not help.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken = default)
    {
        var database = await _connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        var started = TransportMeter.ScriptStarts();
        var answered = false;
        try
        {
            try
            {
                var result = await database.ScriptEvaluateAsync(script.Hash, keys, values).ConfigureAwait(false);
                answered = true;
                return result;
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // Flushed, restarted or failed over. The text goes to the server that holds these keys, which then knows it.
                var result = await database.ExecuteAsync("EVAL", EvalArguments(script, keys, values)).ConfigureAwait(false);
                answered = true;
                return result;
            }
        }
        catch (OperationCanceledException exception)
        {
            // It was given no token: this is how the client ends some calls of a connection that it gives up. Nobody has
            // cancelled anything, and nobody may take it for a stop.
            throw new RedisConnectionException(ConnectionFailureType.SocketFailure, "The connection was given up before the answer came", exception);
        }
        finally
        {
            TransportMeter.ScriptEnds(script, started, answered);
        }
    }

    /// <summary>One attempt, with failures in plain words.</summary>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public async Task<RedisResult> RunOnceAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken = default)
    {
        try
        {
            return await RunAsync(script, keys, values, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsTransient(exception))
        {
            throw Unanswered(script, exception);
        }
        catch (RedisServerException exception)
        {
            throw Refused(script, keys, exception);
        }
    }

    /// <summary>
    /// Attempts until the server answers or the time is over. Only for scripts that may be applied twice without harm, which
    /// all of them are.
    /// </summary>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public Task<ScriptReply> RunWithRetryAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan timeout, long since,
        CancellationToken cancellationToken = default) =>
        RetryAsync(script.Name, First(keys), async repeated =>
            new ScriptReply(await RunAsync(script, keys, values, cancellationToken).ConfigureAwait(false), repeated), timeout, since, cancellationToken);

    /// <summary>Attempts what may be done twice without harm, until the server answers or the time is over.</summary>
    /// <param name="operation">What is attempted, for messages.</param>
    /// <param name="subject">On what, for messages.</param>
    /// <param name="attempt">Told whether an earlier attempt may have been applied.</param>
    /// <param name="timeout">How long to go on, from <paramref name="since"/>.</param>
    /// <param name="since">When the caller asked.</param>
    /// <param name="cancellationToken">Ends the waiting; an attempt under way may still be applied.</param>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public static async Task<T> RetryAsync<T>(string operation, string subject, Func<bool, Task<T>> attempt, TimeSpan timeout, long since,
        CancellationToken cancellationToken = default)
    {
        Exception? cause = null;
        for (var count = 0; ; count++)
        {
            try
            {
                var left = timeout - Stopwatch.GetElapsedTime(since);
                var running = attempt(count > 0);
                // A server that stands still is not waited for longer than the caller wants.
                return await (left < LongestAttempt ? WithinAsync(running, left, cancellationToken) : running).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsTransient(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // That the time is over says less than what went wrong before.
                if (cause is null || exception.GetType() != typeof(TimeoutException))
                    cause = exception;
                var pause = Pauses[Math.Min(count, Pauses.Length - 1)];
                if (Stopwatch.GetElapsedTime(since) + pause > timeout)
                    throw TimedOut(operation, timeout, cause);
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisServerException exception)
            {
                throw Refused(operation, subject, exception);
            }
        }
    }

    /// <summary>
    /// Calls that wait in a lane behind one the server did not answer share its fate once their own time is over: each would
    /// wait for all before it otherwise, without a bound.
    /// </summary>
    /// <param name="script">What is not attempted, for the message.</param>
    /// <param name="timeout">How long the caller may wait.</param>
    /// <param name="since">When the caller asked.</param>
    /// <param name="outage">How the lane's last call failed; <c>null</c> where it did not.</param>
    public static void ThrowIfOverdue(RedisScript script, TimeSpan timeout, long since, Exception? outage)
    {
        if (outage is not null && IsTransient(outage) && Stopwatch.GetElapsedTime(since) > timeout)
        {
            throw new RedisTransportException($"'{script.Name}' waited {timeout.TotalSeconds:0.#} s behind calls that Redis did not answer, and was not "
                + "tried. Check the server; SendTimeout says how long a send waits through an outage.", outage.GetBaseException())
            { IsTransient = true };
        }
    }

    /// <summary>The server is away, starting, failing over or busy: the same call may succeed in a moment.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        RedisConnectionException or TimeoutException => true,
        // The client is closed, or was called in a way it does not know.
        ObjectDisposedException or RedisCommandException => false,
        // What the client lets through from the pipe of a connection that it is giving up.
        InvalidOperationException or IOException or SocketException => true,
        RedisTransportException { IsTransient: true } => true,
        RedisServerException server => StartsWithAny(server.Message,
            "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY", "UNBLOCKED", "NOREPLICAS"),
        _ => false,
    };

    public static RedisTransportException Refused(RedisScript script, RedisKey[] keys, RedisServerException exception) =>
        Refused(script.Name, First(keys), exception);

    static RedisTransportException Refused(string operation, string subject, RedisServerException exception)
    {
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
        return new RedisTransportException($"Redis refused '{operation}' on {subject}: {FirstLine(message)}. {cure}", exception);
    }

    public static RedisTransportException Unanswered(RedisScript script, Exception exception) =>
        exception as RedisTransportException
        ?? new RedisTransportException($"Redis did not answer '{script.Name}' ({FirstLine(exception.Message)}).", exception) { IsTransient = true };

    static RedisTransportException TimedOut(string operation, TimeSpan timeout, Exception exception)
    {
        var cure = exception.Message.Contains("READONLY", StringComparison.Ordinal)
            ? "The address leads to a replica: connect to the primary, or name the Sentinels, which know who that is."
            : "It may or may not have been applied. Check the server; SendTimeout says how long a send waits through an outage.";
        return new RedisTransportException(
            $"Redis did not confirm '{operation}' within {timeout.TotalSeconds:0.#} s ({FirstLine(exception.Message)}). {cure}", exception)
        { IsTransient = true };
    }

    static string First(RedisKey[] keys) => keys.Length > 0 ? keys[0].ToString() : "";

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

    static async Task<T> WithinAsync<T>(Task<T> running, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(limit > LeastAttempt ? limit : LeastAttempt, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (!running.IsCompleted)
        {
            throw new TimeoutException("no answer", exception);
        }
        finally
        {
            // Nobody looks at an attempt that was given up: keep that from being reported as unobserved.
            if (!running.IsCompleted)
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
