using System.Globalization;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Runs a write and waits until the required number of replicas has it (WAIT), once for all messages of a call. Both commands go to the
/// same server over the same connection, because WAIT covers only the writes of its own connection.
/// </summary>
internal sealed class Replication(int replicas, TimeSpan timeout)
{
    public bool IsRequired => replicas > 0;

    /// <summary>
    /// The arguments of WAIT with the full timeout. They are used after a large payload, which may have taken the send's whole time.
    /// </summary>
    public RedisValue[] Arguments { get; } = [replicas, (long)timeout.TotalMilliseconds];

    /// <summary>Runs one attempt. The write must be repeatable without harm, and must write something each time.</summary>
    /// <returns>The script's result, and how many replicas have the write.</returns>
    /// <exception cref="RedisConnectionException">The connection changed before the replicas had confirmed the write.</exception>
    public async Task<(RedisResult Result, int Confirmed)> WriteAsync(ServerSession session, RedisScript script, RedisKey[] keys,
        RedisValue[] values, Deadline? deadline)
    {
        var server = await ServerAsync(session, keys[0]).ConfigureAwait(false);
        var sockets = Sockets(server);
        RedisResult result;
        Task<RedisResult> waiting;
        try
        {
            var writing =
                server.ExecuteAsync("EVALSHA", ScriptCaller.EvalArguments(Convert.ToHexStringLower(script.Hash), keys, values),
                    CommandFlags.NoRedirect);
            // Sends WAIT directly after the write, so that it waits for no other write of this connection.
            waiting = WaitAsync(server, deadline);
            result = await writing.ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            var writing = server.ExecuteAsync("EVAL", ScriptCaller.EvalArguments(script.Text, keys, values), CommandFlags.NoRedirect);
            waiting = WaitAsync(server, deadline);
            result = await writing.ConfigureAwait(false);
        }

        var confirmed = (int)await waiting.ConfigureAwait(false);
        // A server that was restarted may not have the write, and its replicas would still confirm. So a changed connection is an error.
        return Sockets(server) == sockets ? (result, confirmed) : throw new RedisConnectionException(ConnectionFailureType.SocketFailure,
            "The connection broke before the replicas had confirmed the write");
    }

    /// <exception cref="RedisTransportException">
    /// Too few replicas have confirmed in time. The message is in the queue on the primary.
    /// </exception>
    public void ThrowIfTooFew(int confirmed)
    {
        if (confirmed < replicas)
        {
            throw new RedisTransportException(string.Create(CultureInfo.InvariantCulture,
                $"{confirmed} of {replicas} required replicas confirmed the send within {timeout.TotalMilliseconds:0} ms, or what "
                + $"SendTimeout had left of them. The message is on the primary and will be delivered unless the primary is lost. Check "
                + $"the replicas (INFO replication), or lower RequireReplicas."))
            { IsTransient = true };
        }
    }

    /// <summary>Returns the server that holds the key. It is looked up only if there are several.</summary>
    static async Task<IServer> ServerAsync(ServerSession session, RedisKey key)
    {
        var endpoint = session.Primary;
        if (endpoint is null && session.Multiplexer.GetEndPoints() is [var only])
            endpoint = only;
        endpoint ??= await session.Database.IdentifyEndpointAsync(key, CommandFlags.DemandMaster).ConfigureAwait(false)
            ?? throw new RedisConnectionException(ConnectionFailureType.UnableToResolvePhysicalConnection,
                "No server is known for the key");
        return session.Multiplexer.GetServer(endpoint);
    }

    Task<RedisResult> WaitAsync(IServer server, Deadline? deadline)
    {
        var waiting = server.ExecuteAsync("WAIT", [replicas, Milliseconds(deadline)], CommandFlags.None);
        // Observes the exception, so that it is not reported as unobserved if the write fails.
        _ = waiting.ContinueWith(static x => x.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return waiting;
    }

    /// <summary>The timeout of WAIT in ms: at most what the send has left, and at least 1, because 0 means for ever.</summary>
    long Milliseconds(Deadline? deadline)
    {
        var left = deadline?.LeftForStep ?? timeout;
        return Math.Max(1, (long)(left < timeout ? left : timeout).TotalMilliseconds);
    }

    /// <summary>How many command connections the client has opened to this server so far.</summary>
    static long Sockets(IServer server) => server.GetCounters().Interactive.SocketCount;
}
