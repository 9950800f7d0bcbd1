using System.Diagnostics.CodeAnalysis;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// The one connection of a host. Opened on first use, reconnects by itself, checked once after each (re)connect for
/// settings that would lose messages. The client multiplexes, so nothing here may block the connection.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    static readonly TimeSpan DefaultCallTimeout = TimeSpan.FromSeconds(2);

    readonly RedisConnectionSettings _settings;
    readonly ILogger _logger;
    readonly SemaphoreSlim _opening = new(1, 1);
    IConnectionMultiplexer? _multiplexer;
    IDatabase? _database;
    bool _disposed;

    public RedisConnection(RedisConnectionSettings settings, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
    }

    /// <summary>Raised when the server answers again after it did not.</summary>
    public event Action? Restored;

    public IConnectionMultiplexer? Multiplexer => _multiplexer;

    [MemberNotNullWhen(true, nameof(Multiplexer))]
    public bool IsConnected => _multiplexer is { IsConnected: true };

    public bool IsCluster { get; private set; }

    /// <summary>What the last check of the server found; <c>null</c> before the first.</summary>
    public ServerSafety? Safety { get; private set; }

    /// <exception cref="RedisTransportException">The server cannot be reached, or may delete messages.</exception>
    public ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var database = _database;
        return database is not null ? new ValueTask<IDatabase>(database) : new ValueTask<IDatabase>(OpenAsync(cancellationToken));
    }

    public async ValueTask<ISubscriber> GetSubscriberAsync(CancellationToken cancellationToken = default)
    {
        await GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        return _multiplexer!.GetSubscriber();
    }

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            _database = null;
            if (_multiplexer is { } multiplexer)
            {
                multiplexer.ConnectionRestored -= OnRestored;
                if (_settings.External is null)
                    await multiplexer.DisposeAsync().ConfigureAwait(false);
            }

            _multiplexer = null;
        }
        finally
        {
            _opening.Release();
        }
    }

    async Task<IDatabase> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_database is { } open)
                return open;

            if (_multiplexer is null)
            {
                _multiplexer = _settings.External ?? await ConnectionMultiplexer.ConnectAsync(CreateOptions()).ConfigureAwait(false);
                _multiplexer.ConnectionRestored += OnRestored;
            }

            if (!_multiplexer.IsConnected)
                throw NotReachable(null);

            IsCluster = _multiplexer.GetServers().Any(x => x.IsConnected && x.ServerType == ServerType.Cluster);
            await CheckAsync(_multiplexer).ConfigureAwait(false);
            return _database = _multiplexer.GetDatabase(_settings.Database);
        }
        catch (Exception exception) when (exception is RedisException or OperationCanceledException || ScriptRunner.IsTransient(exception))
        {
            throw exception as RedisTransportException ?? NotReachable(exception);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The client fails fast while disconnected: how long to wait through an outage is decided by the sender.</summary>
    ConfigurationOptions CreateOptions()
    {
        var options = _settings.Options.Clone();
        options.AsyncTimeout = (int)CallTimeout().TotalMilliseconds;
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName ??= "MassTransit";
        options.AllowAdmin = false;
        // One pool of threads instead of two: each call saves two wake-ups (a third of its CPU where they are dear).
        options.SocketManager ??= SocketManager.ThreadPool;
        // Lets a reconnect happen soon after the server is back, without a storm of attempts while it is not.
        options.ReconnectRetryPolicy = new ExponentialRetry(200, 2_000);
        return options;
    }

    /// <summary>How long the client waits for one answer before it gives up on it.</summary>
    /// <remarks>
    /// The client takes a connection for dead when it has heard nothing for four times this long. With its own default of 5 s
    /// a peer that vanishes without a word stops everything for 23 s; every call may be repeated without harm, so that a
    /// server which is only slow loses nothing by a shorter time.
    /// </remarks>
    TimeSpan CallTimeout()
    {
        // What the application asks for wins.
        var asked = _settings.Options.AsyncTimeout;
        if (asked != new ConfigurationOptions().AsyncTimeout)
            return TimeSpan.FromMilliseconds(asked);

        // An answer waits behind a WAIT of the same connection.
        return _settings.RequiredReplicas == 0 ? DefaultCallTimeout : DefaultCallTimeout + _settings.ReplicaTimeout;
    }

    async Task CheckAsync(IConnectionMultiplexer multiplexer)
    {
        var safety = await ServerSafety.ReadAsync(multiplexer).ConfigureAwait(false);
        var known = Safety;
        Safety = safety;
        if (safety.MayEvict)
        {
            if (!_settings.AllowEvictionPolicy)
                throw new RedisTransportException(safety.EvictionCure(_settings.DisplayAddress));
            if (known?.EvictionPolicy != safety.EvictionPolicy)
                LogMessages.EvictionAllowed(_logger, _settings.DisplayAddress, safety.EvictionPolicy!);
        }

        if (safety.Persistent is false && known?.Persistent is not false)
            LogMessages.NotPersistent(_logger, _settings.DisplayAddress);
    }

    void OnRestored(object? sender, ConnectionFailedEventArgs args)
    {
        if (args.ConnectionType != ConnectionType.Interactive)
        {
            // What was published while the subscription was down is gone: everyone looks for itself.
            Restored?.Invoke();
            return;
        }

        // Another server may have answered (a failover): it is checked before it is used again.
        _database = null;
        Restored?.Invoke();
    }

    RedisTransportException NotReachable(Exception? inner)
    {
        var message = $"The Redis server {_settings.DisplayAddress} cannot be reached. Check that it runs, that the address and "
            + "the credentials are right, and that nothing between blocks the port.";
        return inner is null
            ? new RedisTransportException(message) { IsTransient = true }
            : new RedisTransportException(message, inner) { IsTransient = true };
    }
}
