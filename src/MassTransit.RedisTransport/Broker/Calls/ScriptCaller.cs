using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <param name="Result">The script's result.</param>
/// <param name="Repeated">True if an earlier attempt of the same call may have been applied.</param>
internal readonly record struct ScriptReply(RedisResult Result, bool Repeated);

/// <summary>
/// Runs scripts by their hash, by their text if the server does not know them yet, and over a direct connection if the payload is large or
/// the pool has no free thread.
/// </summary>
internal sealed class ScriptCaller : IDisposable
{
    readonly RedisConnection _connection;
    readonly DirectScripts _direct;

    public ScriptCaller(RedisConnection connection)
    {
        _connection = connection;
        _direct = new DirectScripts(connection);
    }

    public RedisConnection Connection => _connection;

    /// <summary>Ends the direct calls.</summary>
    public void Dispose() => _direct.Dispose();

    /// <summary>Waits; without the pool if it has no free thread.</summary>
    public Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        PoolWatch.IsStarved ? _direct.PauseAsync(pause) : Task.Delay(pause, cancellationToken);

    /// <summary>Runs one attempt.</summary>
    /// <exception cref="RedisTransportException">The server has refused the script, and a retry would not help.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values,
        CancellationToken cancellationToken = default) =>
        (await RunAsync(script, keys, values, null, null, cancellationToken).ConfigureAwait(false)).Result;

    async Task<(RedisResult Result, int Confirmed)> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values,
        Replication? replication,
        Deadline? deadline, CancellationToken cancellationToken)
    {
        var session = await _connection.GetSessionAsync(cancellationToken).ConfigureAwait(false);
        var started = TransportMeter.ScriptStarts();
        var answered = false;
        try
        {
            var running = replication is { IsRequired: true }
                ? replication.WriteAsync(session, script, keys, values, deadline)
                : EvaluateAsync(session.Database, script, keys, values);
            var result = await (session.Check is null ? running : session.TrustedAsync(running)).ConfigureAwait(false);
            answered = true;
            return result;
        }
        catch (OperationCanceledException exception)
        {
            // The call had no token. The client ends some calls in this way when it closes a connection. It is turned into a connection
            // error, so that no caller takes it for a stop.
            throw new RedisConnectionException(ConnectionFailureType.SocketFailure, "The connection was given up before the answer came",
                exception);
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

    static async Task<(RedisResult Result, int Confirmed)> EvaluateAsync(IDatabase database, RedisScript script, RedisKey[] keys,
        RedisValue[] values)
    {
        try
        {
            return (await database.ScriptEvaluateAsync(script.Hash, keys, values).ConfigureAwait(false), 0);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The server was flushed, restarted or replaced by a failover. The text is sent to the server that holds these keys, which then
            // knows the script.
            return (await database.ExecuteAsync("EVAL", EvalArguments(script.Text, keys, values)).ConfigureAwait(false), 0);
        }
    }

    /// <summary>Runs one attempt over a direct connection, for payloads that take long and while the pool has no free thread.</summary>
    async Task<(RedisResult Result, int Confirmed)> RunDirectAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, bool rescue,
        Replication? replication, Deadline deadline, CancellationToken cancellationToken)
    {
        var session = await _connection.GetSessionAsync(cancellationToken).ConfigureAwait(false);
        if (replication is { IsRequired: false })
            replication = null;
        var running = _direct.RunAsync(script, keys, values, replication, session, rescue);
        var reply = await (rescue ? running : session.TrustedAsync(running)).ConfigureAwait(false);
        return reply.IsPossible
            ? (reply.Result!, reply.Confirmed)
            : await RunAsync(script, keys, values, replication, deadline, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs one attempt and words its failure.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public async Task<RedisResult> RunOnceAsync(RedisScript script, RedisKey[] keys, RedisValue[] values,
        CancellationToken cancellationToken = default)
    {
        try
        {
            return await RunAsync(script, keys, values, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisErrors.IsTransient(script, exception))
        {
            throw RedisErrors.Unanswered(script, exception);
        }
        catch (RedisServerException exception)
        {
            throw RedisErrors.Refused(script, keys, exception);
        }
    }

    /// <summary>Repeats attempts until the server answers or the time is over.</summary>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public Task<ScriptReply> RunWithRetryAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, Deadline deadline,
        CancellationToken cancellationToken = default) =>
        CallRetry.RunAsync(this, script, _ => (keys, values), deadline, null, cancellationToken);

    /// <summary>Runs one of several attempts, over the connection that suits the payload and the state of the pool.</summary>
    /// <returns>What the script returned, and how many replicas have it.</returns>
    public Task<(RedisResult Result, int Confirmed)> AttemptAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, bool large,
        Replication? replication,
        Deadline deadline, CancellationToken cancellationToken)
    {
        var rescue = PoolWatch.IsStarved;
        return large || rescue
            ? RunDirectAsync(script, keys, values, rescue, replication, deadline, cancellationToken)
            : PoolWatch.GuardAsync(RunAsync(script, keys, values, replication, deadline, cancellationToken));
    }

    /// <summary>True if the transfer of the values may take long.</summary>
    public static bool IsLarge(RedisValue[] values)
    {
        var bytes = 0L;
        foreach (var value in values)
            bytes += value.Length();
        return bytes >= DirectScripts.LargeBytes;
    }

    /// <summary>Returns the arguments of <c>EVAL</c> or <c>EVALSHA</c>.</summary>
    /// <param name="script">The script's text, or its hash.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The values.</param>
    public static object[] EvalArguments(string script, RedisKey[] keys, RedisValue[] values)
    {
        var arguments = new object[2 + keys.Length + values.Length];
        arguments[0] = script;
        arguments[1] = keys.Length;
        for (var i = 0; i < keys.Length; i++)
            arguments[2 + i] = keys[i];
        for (var i = 0; i < values.Length; i++)
            arguments[2 + keys.Length + i] = values[i];
        return arguments;
    }
}
