using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Topics;

/// <summary>
/// Announces changed topics, so that senders read them again at once. An announcement may be lost, because a view expires anyway. If the
/// user has no rights to channels, changes are only noticed later.
/// </summary>
internal sealed class TopologyChannel : IDisposable
{
    readonly RedisConnection _connection;
    readonly RedisChannel _channel;
    readonly ILogger _logger;
    IConnectionMultiplexer? _listeningOn;
    int _version;
    int _warned;

    public TopologyChannel(RedisConnection connection, RedisChannel channel, ILogger logger)
    {
        _connection = connection;
        _channel = channel;
        _logger = logger;
        _connection.Restored += Changed;
    }

    /// <summary>A number that changes with every announcement, and after every time in which one may have been missed.</summary>
    public int Version => Volatile.Read(ref _version);

    public void Changed() => Interlocked.Increment(ref _version);

    public async Task ListenAsync()
    {
        var subscriber = await _connection.GetSubscriberAsync().ConfigureAwait(false);
        // If the connection was replaced, its subscription is gone.
        if (ReferenceEquals(_listeningOn, subscriber.Multiplexer))
            return;

        try
        {
            await subscriber.SubscribeAsync(_channel, (_, _) => Changed()).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (RedisErrors.IsNoPermission(exception))
        {
            Warn("listen to");
        }

        Changed();
        _listeningOn = subscriber.Multiplexer;
    }

    public async Task AnnounceAsync(IDatabase database)
    {
        try
        {
            await database.PublishAsync(_channel, "1").ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (RedisErrors.IsNoPermission(exception))
        {
            Warn("announce on");
        }
    }

    public void Dispose() => _connection.Restored -= Changed;

    void Warn(string what)
    {
        // The connection has already logged the same for all channels of the prefix.
        if (Interlocked.Exchange(ref _warned, 1) == 0 && !_connection.Check.IsToldOfChannels)
            LogMessages.TopologyChannelRefused(_logger, what, _channel.ToString(), TopicViews.MaxAge);
    }
}
