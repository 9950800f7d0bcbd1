using System.Collections.Concurrent;
using System.Net;
using MassTransit.RedisTransport.Addressing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

internal sealed partial class RedisConnection
{
    readonly ConcurrentDictionary<(RedisChannel Channel, Action<RedisChannel, RedisValue> Handler), bool> _subscriptions = new();
    IConnectionMultiplexer? _subscribed;

    /// <summary>Where to connect to directly for a key, as far as is known without asking.</summary>
    /// <exception cref="RedisTransportException">There is no connection by which to know.</exception>
    public EndPoint EndPointFor(RedisKey key)
    {
        var multiplexer = _multiplexer ?? throw NotReachable(null);
        if (_primary is { } primary)
            return primary;

        var servers = multiplexer.GetServers();
        var owner = servers.FirstOrDefault(x => x.IsConnected && x.ServerType == ServerType.Cluster)?.ClusterConfiguration?.GetBySlot(key)?.EndPoint;
        owner ??= servers.FirstOrDefault(x => x.IsConnected && !x.IsReplica && x.ServerType != ServerType.Sentinel)?.EndPoint;
        return owner switch
        {
            null => throw NotReachable(null),
            DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, RedisHostAddress.DefaultPort),
            _ => owner,
        };
    }

    /// <summary>A connection that blocks its thread and needs none of the pool. The caller closes it.</summary>
    /// <param name="endpoint">Where to; see <see cref="EndPointFor"/>.</param>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    /// <exception cref="RedisServerException">The server refuses the credentials or the database.</exception>
    public DirectConnection OpenDirect(EndPoint endpoint) =>
        DirectConnection.Open(endpoint, _settings.Options, IsCluster ? 0 : _settings.Database, CallTimeout);

    /// <summary>Listens to a channel, over whatever connection there is in time.</summary>
    public async Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CancellationToken cancellationToken = default)
    {
        var session = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
        _subscriptions[(channel, handler)] = true;
        await session.Multiplexer.GetSubscriber().SubscribeAsync(channel, handler).ConfigureAwait(false);
    }

    /// <summary>Listens no more. Does not wait for the server.</summary>
    public void Unsubscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        _subscriptions.TryRemove((channel, handler), out _);
        if (_multiplexer is { } multiplexer)
            multiplexer.GetSubscriber().Unsubscribe(channel, handler, CommandFlags.FireAndForget);
    }

    /// <summary>The client subscribes again by itself where it reconnects, but not where another takes its place.</summary>
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
            // Receivers look for themselves once a second, and the next connection tries again.
        }
    }

    /// <summary>The client fails fast while disconnected: how long to wait through an outage is decided by the sender.</summary>
    ConfigurationOptions CreateOptions()
    {
        var options = _settings.Options.Clone();
        options.AsyncTimeout = (int)CallTimeout.TotalMilliseconds;
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName ??= "MassTransit";
        options.AllowAdmin = false;
        // Channels carry the key prefix already; what scripts publish would not carry this one.
        options.ChannelPrefix = default;
        // One pool of threads instead of two: each call saves two wake-ups (a third of its CPU where they are dear).
        options.SocketManager ??= SocketManager.ThreadPool;
        // Lets a reconnect happen soon after the server is back, without a storm of attempts while it is not.
        options.ReconnectRetryPolicy = new ExponentialRetry(200, 2_000);
        return options;
    }
}
