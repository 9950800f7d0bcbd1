using System.Globalization;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Writes, and waits until the write is on as many replicas as asked (WAIT), once for all messages of a call. Both go to one
/// server by name, over one connection: WAIT counts what its own connection has written, and says nothing of another's.
/// </summary>
internal sealed class Replication(int replicas, TimeSpan timeout)
{
    public bool IsRequired => replicas > 0;

    /// <summary>What WAIT is asked after a payload that may have taken all of its send's time: replicas get theirs all the same.</summary>
    public RedisValue[] Arguments { get; } = [replicas, (long)timeout.TotalMilliseconds];

    /// <summary>One attempt. What is written may be repeated without harm, and writes something each time.</summary>
    /// <returns>What the script returned, and how many replicas have it.</returns>
    /// <exception cref="RedisConnectionException">The connection was another one before it was known who has the write.</exception>
    public async Task<(RedisResult Result, int Confirmed)> WriteAsync(ServerSession session, RedisScript script, RedisKey[] keys, RedisValue[] values, Deadline? deadline)
    {
        var server = await ServerAsync(session, keys[0]).ConfigureAwait(false);
        var sockets = Sockets(server);
        RedisResult result;
        Task<RedisResult> waiting;
        try
        {
            var writing = server.ExecuteAsync("EVALSHA", Evaluation(Convert.ToHexStringLower(script.Hash), keys, values), CommandFlags.NoRedirect);
            // In one breath: no other write of this connection is waited for.
            waiting = WaitAsync(server, deadline);
            result = await writing.ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            var writing = server.ExecuteAsync("EVAL", Evaluation(script.Text, keys, values), CommandFlags.NoRedirect);
            waiting = WaitAsync(server, deadline);
            result = await writing.ConfigureAwait(false);
        }

        var confirmed = (int)await waiting.ConfigureAwait(false);
        // A server that was started again may not have the write, and its replicas then have all that it has.
        return Sockets(server) == sockets ? (result, confirmed) : throw new RedisConnectionException(ConnectionFailureType.SocketFailure,
            "The connection broke before the replicas had confirmed the write");
    }

    /// <exception cref="RedisTransportException">Too few replicas confirmed in time. The message is in the queue of the primary.</exception>
    public void ThrowIfTooFew(int confirmed)
    {
        if (confirmed < replicas)
        {
            throw new RedisTransportException(string.Create(CultureInfo.InvariantCulture,
                $"{confirmed} of {replicas} required replicas confirmed the send within {timeout.TotalMilliseconds:0} ms, or what SendTimeout had left of them. "
                + $"The message is on the primary and will be delivered unless the primary is lost. Check the replicas (INFO replication), or lower RequireReplicas."))
            { IsTransient = true };
        }
    }

    /// <summary>The server that holds the key: asked for only where there is a choice.</summary>
    static async Task<IServer> ServerAsync(ServerSession session, RedisKey key)
    {
        var endpoint = session.Primary;
        if (endpoint is null && session.Multiplexer.GetEndPoints() is [var only])
            endpoint = only;
        endpoint ??= await session.Database.IdentifyEndpointAsync(key, CommandFlags.DemandMaster).ConfigureAwait(false)
            ?? throw new RedisConnectionException(ConnectionFailureType.UnableToResolvePhysicalConnection, "No server is known for the key");
        return session.Multiplexer.GetServer(endpoint);
    }

    Task<RedisResult> WaitAsync(IServer server, Deadline? deadline)
    {
        var waiting = server.ExecuteAsync("WAIT", [replicas, Milliseconds(deadline)], CommandFlags.None);
        // Nobody looks at it where the write fails: keep that from being reported as unobserved.
        _ = waiting.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return waiting;
    }

    /// <summary>How long replicas have: no longer than the send has left. At least 1, as 0 would be for ever.</summary>
    long Milliseconds(Deadline? deadline)
    {
        var left = deadline?.LeftForStep ?? timeout;
        return Math.Max(1, (long)(left < timeout ? left : timeout).TotalMilliseconds);
    }

    /// <summary>How many connections for commands the client has opened to this server so far.</summary>
    static long Sockets(IServer server) => server.GetCounters().Interactive.SocketCount;

    static object[] Evaluation(string script, RedisKey[] keys, RedisValue[] values)
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
