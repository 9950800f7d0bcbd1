using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>Waits until a write is on as many replicas as asked (WAIT), once for all messages of a call.</summary>
internal sealed class Replication(int replicas, TimeSpan timeout)
{
    /// <exception cref="RedisTransportException">Too few replicas confirmed in time. The message is in the queue of the primary.</exception>
    public async ValueTask ConfirmAsync(RedisConnection connection, RedisKey key)
    {
        if (replicas == 0)
            return;

        var database = await connection.GetDatabaseAsync().ConfigureAwait(false);
        // WAIT counts the writes of its own connection: it must go to the server, and over the connection, the write took.
        var endpoint = await database.IdentifyEndpointAsync(key).ConfigureAwait(false)
            ?? throw new RedisTransportException("The server that holds the queue is not known at the moment.") { IsTransient = true };
        var confirmed = (int)await connection.Multiplexer!.GetServer(endpoint)
            .ExecuteAsync("WAIT", replicas, (long)timeout.TotalMilliseconds).ConfigureAwait(false);
        if (confirmed < replicas)
        {
            throw new RedisTransportException(string.Create(CultureInfo.InvariantCulture,
                $"{confirmed} of {replicas} required replicas confirmed the send within {timeout.TotalMilliseconds:0} ms. The message is on the "
                + $"primary and will be delivered unless the primary is lost. Check the replicas (INFO replication), or lower RequireReplicas."))
            { IsTransient = true };
        }
    }
}
