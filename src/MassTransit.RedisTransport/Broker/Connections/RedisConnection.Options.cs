using System.Collections.Concurrent;
using System.Net;
using MassTransit.RedisTransport.Addressing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

internal sealed partial class RedisConnection
{
    readonly ConcurrentDictionary<(RedisChannel Channel, Action<RedisChannel, RedisValue> Handler), bool> _subscriptions = new();
    IConnectionMultiplexer? _subscribed;

    /// <summary>Returns the server of a key for a direct connection, from what is known without a request.</summary>
    /// <exception cref="RedisTransportException">There is no connection from which it is known.</exception>
    public EndPoint EndPointFor(RedisKey key)
    {
        var multiplexer = _multiplexer ?? throw NotReachable(null);
        if (_primary is { } primary)
            return primary;

        var servers = multiplexer.GetServers();
        var owner = servers.FirstOrDefault(x => x.IsConnected
            && x.ServerType == ServerType.Cluster)?.ClusterConfiguration?.GetBySlot(key)?.EndPoint;
        owner ??= servers.FirstOrDefault(x => x.IsConnected && !x.IsReplica && x.ServerType != ServerType.Sentinel)?.EndPoint;
        return owner switch
        {
            null => throw NotReachable(null),
            DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, RedisHostAddress.DefaultPort),
            _ => owner,
        };
    }

    /// <summary>Opens a connection with blocking calls that needs no thread of the pool. The caller closes it.</summary>
    /// <param name="endpoint">The server's address; see <see cref="EndPointFor"/>.</param>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    /// <exception cref="RedisServerException">The server refuses the credentials or the database.</exception>
    public DirectConnection OpenDirect(EndPoint endpoint) =>
        DirectConnection.Open(endpoint, _settings.Options, IsCluster ? 0 : _settings.Database, CallTimeout);

    /// <summary>Listens to a channel, over the current connection and every later one.</summary>
    public async Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler,
        CancellationToken cancellationToken = default)
    {
        var session = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
        _subscriptions[(channel, handler)] = true;
        await session.Multiplexer.GetSubscriber().SubscribeAsync(channel, handler).ConfigureAwait(false);
    }

    /// <summary>Stops listening. It does not wait for the server.</summary>
    public void Unsubscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        _subscriptions.TryRemove((channel, handler), out _);
        if (_multiplexer is { } multiplexer)
            multiplexer.GetSubscriber().Unsubscribe(channel, handler, CommandFlags.FireAndForget);
    }

    /// <summary>
    /// Subscribes all channels on a new connection. The client does so by itself when it reconnects, but not when another connection
    /// replaces it.
    /// </summary>
    async Task SubscribeAllAsync(IConnectionMultiplexer multiplexer)
    {
        if (ReferenceEquals(_subscribed, multiplexer))
            return;

        try
        {
            foreach (var (channel, handler) in _subscriptions.Keys)
                await multiplexer.GetSubscriber().SubscribeAsync(channel, handler).ConfigureAwait(false);
            _subscribed = multiplexer;
        }
        catch (Exception exception) when (exception is RedisException || RedisErrors.IsTransient(exception))
        {
            // Receivers poll once a second without wake-ups, and the next connection tries again.
        }
    }

    /// <summary>
    /// Creates the client's options. The client fails at once while disconnected, because the sender decides how long to wait during an
    /// outage.
    /// </summary>
    ConfigurationOptions CreateOptions()
    {
        var options = _settings.Options.Clone();
        options.AsyncTimeout = (int)CallTimeout.TotalMilliseconds;
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName ??= "MassTransit";
        options.AllowAdmin = false;
        // Channels already contain the key prefix. This prefix would be missing on what scripts publish.
        options.ChannelPrefix = default;
        // Uses one thread pool instead of two. This saves two thread wake-ups for each call, up to a third of its CPU time.
        options.SocketManager ??= SocketManager.ThreadPool;
        // Reconnects soon after the server is back, without too many attempts while it is not.
        options.ReconnectRetryPolicy = new ExponentialRetry(200, 2_000);
        return options;
    }
}
