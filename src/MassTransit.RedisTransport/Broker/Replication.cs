using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>Writes, and waits until the write is on as many replicas as asked (WAIT), once for all messages of a call.</summary>
internal sealed class Replication(int replicas, TimeSpan timeout)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="connection">What the write goes over.</param>
    /// <param name="key">A key that is written.</param>
    /// <param name="write">May be repeated without harm, and writes something each time: WAIT counts the writes of its own connection,
    /// so a connection that is new has to write before it can ask.</param>
    /// <param name="limit">For how long the write may be repeated because its connection broke before the replicas had confirmed.</param>
    /// <param name="since">When that time began.</param>
    /// <exception cref="RedisTransportException">Too few replicas confirmed in time. The message is in the queue of the primary.</exception>
    public async Task<ScriptReply> WriteAsync(RedisConnection connection, RedisKey key, Func<Task<ScriptReply>> write, TimeSpan limit, long since)
    {
        if (replicas == 0)
            return await write().ConfigureAwait(false);

        while (true)
        {
            var before = await ServerAsync(connection, key, limit, since).ConfigureAwait(false);
            var sockets = Sockets(before);
            var reply = await write().ConfigureAwait(false);
            Exception? broken = null;
            int? counted = null;
            try
            {
                // Asked in one breath with WAIT, and answered before it.
                var after = ServerAsync(connection, key, limit, since);
                var confirmed = (int)await before.ExecuteAsync("WAIT", replicas, (long)timeout.TotalMilliseconds).ConfigureAwait(false);
                // Another server, or this one started again, may not have the write, and its replicas then have all that it has.
                if (Equals((await after.ConfigureAwait(false)).EndPoint, before.EndPoint) && Sockets(before) == sockets)
                    counted = confirmed;
            }
            catch (Exception exception) when (exception is RedisException or OperationCanceledException || ScriptRunner.IsTransient(exception))
            {
                broken = exception;
            }

            // An answer is final, too few replicas as well as enough of them: only a broken connection is worth another try.
            if (counted is { } count)
                return count >= replicas ? reply : throw TooFew(count);
            if (Stopwatch.GetElapsedTime(since) + Pause > limit)
                throw Unknown(limit, broken);
            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    /// <summary>The server that holds the key, as soon as one is known.</summary>
    static async Task<IServer> ServerAsync(RedisConnection connection, RedisKey key, TimeSpan limit, long since)
    {
        while (true)
        {
            Exception? broken = null;
            try
            {
                var database = await connection.GetDatabaseAsync().ConfigureAwait(false);
                if (await database.IdentifyEndpointAsync(key).ConfigureAwait(false) is { } endpoint)
                    return connection.Multiplexer!.GetServer(endpoint);
            }
            catch (Exception exception) when (exception is OperationCanceledException || ScriptRunner.IsTransient(exception))
            {
                broken = exception;
            }

            if (Stopwatch.GetElapsedTime(since) + Pause > limit)
                throw Unknown(limit, broken);
            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    /// <summary>How many connections for commands the client has opened to this server so far.</summary>
    static long Sockets(IServer server) => server.GetCounters().Interactive.SocketCount;

    RedisTransportException TooFew(int confirmed) => new(string.Create(CultureInfo.InvariantCulture,
        $"{confirmed} of {replicas} required replicas confirmed the send within {timeout.TotalMilliseconds:0} ms. The message is on the "
        + $"primary and will be delivered unless the primary is lost. Check the replicas (INFO replication), or lower RequireReplicas."))
    { IsTransient = true };

    static RedisTransportException Unknown(TimeSpan limit, Exception? inner)
    {
        var message = $"The connection broke before the replicas had confirmed the send, and did not come back within {limit.TotalSeconds:0.#} s. It may or "
            + "may not be stored. Check the server; SendTimeout says how long a send waits through an outage.";
        return inner is null ? new RedisTransportException(message) { IsTransient = true } : new RedisTransportException(message, inner) { IsTransient = true };
    }
}
