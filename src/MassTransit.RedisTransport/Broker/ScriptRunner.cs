using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <param name="Result">What the script returned.</param>
/// <param name="Repeated">True when an earlier attempt of the same call may have been applied already.</param>
internal readonly record struct ScriptReply(RedisResult Result, bool Repeated);

/// <summary>Runs scripts by hash, loads them where a server does not know them, and says in plain words what went wrong.</summary>
internal sealed partial class ScriptRunner
{
    /// <summary>Between two attempts of one operation while the server is away: soon, then calmer.</summary>
    static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400),
    ];

    /// <summary>What an attempt gets at least, also when the time was spent on waiting for its turn.</summary>
    static readonly TimeSpan LeastAttempt = TimeSpan.FromMilliseconds(250);

    readonly RedisConnection _connection;

    public ScriptRunner(RedisConnection connection) => _connection = connection;

    public RedisConnection Connection => _connection;

    /// <summary>One attempt.</summary>
    /// <exception cref="RedisTransportException">The server refused the script; trying again does not help.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken = default) =>
        (await RunAsync(script, keys, values, null, cancellationToken).ConfigureAwait(false)).Result;

    async Task<(RedisResult Result, int Confirmed)> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, Replication? replication,
        CancellationToken cancellationToken)
    {
        var session = await _connection.GetSessionAsync(cancellationToken).ConfigureAwait(false);
        var started = TransportMeter.ScriptStarts();
        var answered = false;
        try
        {
            var running = replication is { IsRequired: true }
                ? replication.WriteAsync(session, script, keys, values)
                : EvaluateAsync(session.Database, script, keys, values);
            var result = await (session.Check is null ? running : session.TrustedAsync(running)).ConfigureAwait(false);
            answered = true;
            return result;
        }
        catch (OperationCanceledException exception)
        {
            // It was given no token: this is how the client ends some calls of a connection that it gives up. Nobody has
            // cancelled anything, and nobody may take it for a stop.
            throw new RedisConnectionException(ConnectionFailureType.SocketFailure, "The connection was given up before the answer came", exception);
        }
        catch (RedisServerException exception)
        {
            await _connection.RefusedAsync(session, exception).ConfigureAwait(false);
            throw;
        }
        finally
        {
            TransportMeter.ScriptEnds(script, started, answered);
        }
    }

    static async Task<(RedisResult Result, int Confirmed)> EvaluateAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return (await database.ScriptEvaluateAsync(script.Hash, keys, values).ConfigureAwait(false), 0);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // Flushed, restarted or failed over. The text goes to the server that holds these keys, which then knows it.
            return (await database.ExecuteAsync("EVAL", EvalArguments(script, keys, values)).ConfigureAwait(false), 0);
        }
    }

    /// <summary>One attempt by a way of its own: for payloads that take long, and while the pool has no thread.</summary>
    async Task<(RedisResult Result, int Confirmed)> RunDirectAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, Replication? replication,
        bool rescue, CancellationToken cancellationToken)
    {
        var session = await _connection.GetSessionAsync(cancellationToken).ConfigureAwait(false);
        if (replication is { IsRequired: false })
            replication = null;
        var running = _connection.Direct.RunAsync(script, keys, values, replication, session, rescue);
        var reply = await (rescue ? running : session.TrustedAsync(running)).ConfigureAwait(false);
        return reply.IsPossible ? (reply.Result!, reply.Confirmed) : await RunAsync(script, keys, values, replication, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One attempt, with failures in plain words.</summary>
    /// <exception cref="RedisTransportException">The server refused, or does not answer (transient).</exception>
    public async Task<RedisResult> RunOnceAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken = default)
    {
        try
        {
            return await RunAsync(script, keys, values, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsTransient(script, exception))
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
    /// all of them are. A payload that is still on its way is waited for, however long it takes.
    /// </summary>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public Task<ScriptReply> RunWithRetryAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan timeout, long since,
        CancellationToken cancellationToken = default) =>
        RunWithRetryAsync(script, _ => (keys, values), timeout, since, null, cancellationToken);

    /// <summary>The same, with what is asked of replicas.</summary>
    /// <param name="script">What is run.</param>
    /// <param name="call">Asked before each attempt for keys and values. Told whether an earlier attempt may have been applied: if so, they must be the same.</param>
    /// <param name="timeout">How long to go on, from <paramref name="since"/>.</param>
    /// <param name="since">When the caller asked.</param>
    /// <param name="replication">How many replicas must have it; <c>null</c>: none.</param>
    /// <param name="cancellationToken">Ends the waiting; an attempt under way may still be applied.</param>
    public async Task<ScriptReply> RunWithRetryAsync(RedisScript script, Func<bool, (RedisKey[] Keys, RedisValue[] Values)> call, TimeSpan timeout, long since,
        Replication? replication, CancellationToken cancellationToken = default)
    {
        bool large = false, applied = false;
        var subject = "";
        var (result, confirmed) = await RetryAsync(script.Name, () => subject, async _ =>
        {
            var (keys, values) = call(applied);
            subject = First(keys);
            large = BytesOf(values) >= DirectScripts.LargeBytes;
            var rescue = PoolWatch.IsStarved;
            try
            {
                return await (large || rescue
                    ? RunDirectAsync(script, keys, values, replication, rescue, cancellationToken)
                    : PoolWatch.GuardAsync(RunAsync(script, keys, values, replication, cancellationToken))).ConfigureAwait(false);
            }
            catch (Exception exception) when (!WasNeverSent(exception))
            {
                applied = true;
                throw;
            }
        }, timeout, since, cancellationToken, Drains(script), _connection, () => large).ConfigureAwait(false);
        replication?.ThrowIfTooFew(confirmed);
        return new ScriptReply(result, applied);
    }

    /// <summary>Attempts what may be done twice without harm, until the server answers or the time is over.</summary>
    /// <param name="operation">What is attempted, for messages.</param>
    /// <param name="subject">On what, for messages.</param>
    /// <param name="attempt">Told whether an earlier attempt may have been applied.</param>
    /// <param name="timeout">How long to go on, from <paramref name="since"/>.</param>
    /// <param name="since">When the caller asked.</param>
    /// <param name="cancellationToken">Ends the waiting; an attempt under way may still be applied.</param>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public static Task<T> RetryAsync<T>(string operation, string subject, Func<bool, Task<T>> attempt, TimeSpan timeout, long since,
        CancellationToken cancellationToken = default) => RetryAsync(operation, () => subject, attempt, timeout, since, cancellationToken);

    static async Task<T> RetryAsync<T>(string operation, Func<string> subject, Func<bool, Task<T>> attempt, TimeSpan timeout, long since,
        CancellationToken cancellationToken, bool drains = false, RedisConnection? connection = null, Func<bool>? moves = null)
    {
        Exception? cause = null;
        for (var count = 0; ; count++)
        {
            try
            {
                var left = timeout - Stopwatch.GetElapsedTime(since);
                var running = attempt(count > 0);
                // A server that stands still is not waited for longer than the caller wants. A payload that moves is: it ends by itself when it does not.
                return await (running.IsCompleted || moves?.Invoke() is true ? running : WithinAsync(running, left, cancellationToken)).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsTransient(exception) || (drains && IsFull(exception))
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // That the time is over says less than what went wrong before.
                if (cause is null || exception.GetType() != typeof(TimeoutException))
                    cause = exception;
                var pause = Pauses[Math.Min(count, Pauses.Length - 1)];
                if (exception is PoolStarvedException && PoolWatch.IsStarved)
                    pause = TimeSpan.Zero;
                // What the pool has taken of the time the server was not asked for; an end it has all the same.
                var limit = exception is PoolStarvedException ? timeout * 2 : timeout;
                if (Stopwatch.GetElapsedTime(since) + pause > limit)
                    throw TimedOut(operation, timeout, cause);
                if (pause > TimeSpan.Zero)
                    await (PoolWatch.IsStarved && connection is not null ? connection.Direct.PauseAsync(pause) : Task.Delay(pause, cancellationToken)).ConfigureAwait(false);
            }
            catch (RedisServerException exception)
            {
                throw Refused(operation, subject(), exception);
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

    static long BytesOf(RedisValue[] values)
    {
        var bytes = 0L;
        foreach (var value in values)
            bytes += value.Length();
        return bytes;
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

    static string First(RedisKey[] keys) => keys.Length > 0 ? keys[0].ToString() : "";

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
