using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>
/// Renews leases over its own connections on the calling thread. It needs neither a pool thread nor the host's connection. Only one thread
/// may use it at a time. It opens new connections if it is used after <see cref="Disconnect"/>.
/// </summary>
internal sealed class DirectRenewal(RedisConnectionSettings settings)
{
    readonly Dictionary<EndPoint, DirectConnection> _connections = [];
    bool _isOneServer;

    /// <summary>Extends leases. It blocks until the server has answered, or until nothing was transferred for the given time.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="leases">The leases.</param>
    /// <param name="lease">The new duration of the leases.</param>
    /// <param name="timeout">How long to wait for an answer.</param>
    /// <param name="lost">The indexes of leases that the server no longer knows.</param>
    /// <param name="unreachable">Why there was no answer.</param>
    public bool TryRenew(MessageQueue queue, IReadOnlyList<LeaseHandle> leases, TimeSpan lease, TimeSpan timeout,
        [NotNullWhen(true)] out int[]? lost,
        [NotNullWhen(false)] out Exception? unreachable)
    {
        try
        {
            lost = Renew(queue, leases, lease, timeout);
            unreachable = null;
            return true;
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or RedisTransportException || RedisErrors.IsOfClient(exception))
        {
            Disconnect();
            lost = null;
            unreachable = exception;
            return false;
        }
    }

    /// <summary>
    /// True if there is only one server and it refuses connections. It then serves no client, and no other server has replaced it.
    /// </summary>
    public bool IsDown(Exception? unreachable)
    {
        for (; unreachable is not null && _isOneServer; unreachable = unreachable.InnerException)
        {
            if (unreachable is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
                return true;
        }

        return false;
    }

    public void Disconnect()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();
        _connections.Clear();
    }

    int[] Renew(MessageQueue queue, IReadOnlyList<LeaseHandle> leases, TimeSpan lease, TimeSpan timeout)
    {
        var lost = new List<int>();
        for (var first = 0; first < leases.Count; first += MessageQueue.MaxBatch)
        {
            var count = Math.Min(MessageQueue.MaxBatch, leases.Count - first);
            RedisValue[] arguments =
            [
                ScriptCatalog.Renew.Text, queue.Keys.All.Length, .. queue.Keys.All.Select(x => (RedisValue)(byte[])x!),
                (long)lease.TotalMilliseconds, .. leases.Skip(first).Take(count).Select(x => (RedisValue)x.Member),
            ];
            foreach (var index in (RedisResult[])Connect(queue, timeout).Execute("EVAL", arguments)!)
                lost.Add(first + (int)index - 1);
        }

        return [.. lost];
    }

    DirectConnection Connect(MessageQueue queue, TimeSpan timeout)
    {
        var shared = queue.Connection;
        var only = settings.External is null && !shared.IsCluster
            && settings.Options is { ServiceName: null or "", EndPoints: [var single] } ? single : null;
        _isOneServer = only is not null;
        var endpoint = only ?? shared.EndPointFor(queue.Keys.All[0]);
        if (_connections.TryGetValue(endpoint, out var open) && !open.IsBroken)
            return open;

        open?.Dispose();
        return _connections[endpoint] =
            DirectConnection.Open(endpoint, settings.Options, shared.IsCluster ? 0 : settings.Database, timeout);
    }
}
