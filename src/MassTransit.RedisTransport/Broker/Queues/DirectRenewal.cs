using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>
/// Renews leases by connections of its own, on the thread that asks. It needs no thread of the pool, and none of the host's connection.
/// For one thread at a time. It opens new connections when it is used after <see cref="Disconnect"/>.
/// </summary>
internal sealed class DirectRenewal(RedisConnectionSettings settings)
{
    readonly Dictionary<EndPoint, DirectConnection> _connections = [];
    bool _isOneServer;

    /// <summary>Extends leases. Blocks until the server has answered, or nothing has moved for the time given.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="leases">The leases.</param>
    /// <param name="lease">How long they are to be.</param>
    /// <param name="timeout">How long an answer is waited for.</param>
    /// <param name="lost">The indexes of the leases that the server does not know any more.</param>
    /// <param name="unreachable">Why there was no answer.</param>
    public bool TryRenew(MessageQueue queue, IReadOnlyList<LeaseHandle> leases, TimeSpan lease, TimeSpan timeout, [NotNullWhen(true)] out int[]? lost,
        [NotNullWhen(false)] out Exception? unreachable)
    {
        try
        {
            lost = Renew(queue, leases, lease, timeout);
            unreachable = null;
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or RedisTransportException || RedisErrors.IsOfClient(exception))
        {
            Disconnect();
            lost = null;
            unreachable = exception;
            return false;
        }
    }

    /// <summary>True if there is only one server and it refuses connections: then it serves nobody, and nobody else has taken its place.</summary>
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
        var only = settings.External is null && !shared.IsCluster && settings.Options is { ServiceName: null or "", EndPoints: [var single] } ? single : null;
        _isOneServer = only is not null;
        var endpoint = only ?? shared.EndPointFor(queue.Keys.All[0]);
        if (_connections.TryGetValue(endpoint, out var open) && !open.IsBroken)
            return open;

        open?.Dispose();
        return _connections[endpoint] = DirectConnection.Open(endpoint, settings.Options, shared.IsCluster ? 0 : settings.Database, timeout);
    }
}
