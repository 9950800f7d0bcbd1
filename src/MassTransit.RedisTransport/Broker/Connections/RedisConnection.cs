using System.Diagnostics.CodeAnalysis;
using System.Net;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>
/// The connection of a host. It is opened at its first use and reconnects by itself. After each connect it is checked once for server
/// settings that would lose messages. With Sentinel it is replaced as soon as another primary is named. The client multiplexes calls, so
/// nothing here may block the connection.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    static readonly TimeSpan DefaultCallTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long calls over a replaced connection may still complete.</summary>
    static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(5);

    readonly RedisConnectionSettings _settings;
    readonly ILogger _logger;
    readonly SemaphoreSlim _opening = new(1, 1);
    readonly Lock _gate = new();
    SentinelWatch? _sentinels;
    IConnectionMultiplexer? _multiplexer;
    EndPoint? _primary;
    ServerSession? _session;
    TaskCompletionSource _renamed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task? _refreshing;
    bool _disposed;

    public RedisConnection(RedisConnectionSettings settings, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
        Check = new ConnectionCheck(settings, logger);
    }

    /// <summary>Raised when the server answers again after an outage, or when another server has replaced it.</summary>
    public event Action? Restored;

    public IConnectionMultiplexer? Multiplexer => _multiplexer;

    [MemberNotNullWhen(true, nameof(Multiplexer))]
    public bool IsConnected => _multiplexer is { IsConnected: true };

    public bool IsCluster { get; private set; }

    /// <summary>The check of a server before its use.</summary>
    public ConnectionCheck Check { get; }

    /// <summary>How long the client waits for one answer.</summary>
    /// <remarks>
    /// The client treats a connection as dead if it has received nothing for four times this long. With its default of 5 s a server that
    /// disappears without closing the connection would stop everything for 23 s. A shorter time does no harm with a slow server, because
    /// every call can be repeated.
    /// </remarks>
    public TimeSpan CallTimeout
    {
        get
        {
            // The application's own value takes precedence.
            var asked = _settings.Options.AsyncTimeout;
            if (asked != new ConfigurationOptions().AsyncTimeout)
                return TimeSpan.FromMilliseconds(asked);

            // An answer may wait behind a WAIT on the same connection.
            return _settings.RequiredReplicas == 0 ? DefaultCallTimeout : DefaultCallTimeout + _settings.ReplicaTimeout;
        }
    }

    /// <exception cref="RedisTransportException">The server cannot be reached, or may delete messages.</exception>
    public ValueTask<ServerSession> GetSessionAsync(CancellationToken cancellationToken = default)
    {
        var session = _session;
        return session is not null ? new ValueTask<ServerSession>(session) : new ValueTask<ServerSession>(OpenAsync(cancellationToken));
    }

    /// <summary>Connects. The task completes when there is a checked connection.</summary>
    /// <exception cref="RedisTransportException">The server cannot be reached, or may delete messages.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default) =>
        await GetSessionAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Returns how long the server took to answer.</summary>
    /// <exception cref="RedisTransportException">The server cannot be reached, or may delete messages.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default) =>
        await (await GetDatabaseAsync(cancellationToken).ConfigureAwait(false)).PingAsync().ConfigureAwait(false);

    /// <summary>Asks every primary about itself. Returns none if there is no connection.</summary>
    public Task<ServerFacts[]> ReadFactsAsync() =>
        _multiplexer is { } multiplexer ? ServerFacts.ReadAsync(multiplexer) : Task.FromResult<ServerFacts[]>([]);

    /// <exception cref="RedisTransportException">The server cannot be reached, or may delete messages.</exception>
    public async ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken = default) =>
        (_session ?? await OpenAsync(cancellationToken).ConfigureAwait(false)).Database;

    /// <summary>
    /// Returns the subscriber of the current connection. A new connection does not take over its subscriptions; for that see
    /// <see cref="SubscribeAsync"/>.
    /// </summary>
    public async ValueTask<ISubscriber> GetSubscriberAsync(CancellationToken cancellationToken = default) =>
        (await GetSessionAsync(cancellationToken).ConfigureAwait(false)).Multiplexer.GetSubscriber();

    /// <summary>Calls the server by the client's own methods, and checks the answer in the same way as that of a script.</summary>
    /// <exception cref="RedisTransportException">The server cannot be reached, or may delete messages.</exception>
    public async Task<T> UseAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken = default)
    {
        var session = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await session.TrustedAsync(ask(session.Database)).ConfigureAwait(false);
        }
        catch (RedisServerException exception)
        {
            await RefusedAsync(session, exception).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Handles the refusal of a server that has become a replica. The new primary is looked up at once, not at the client's next check in a
    /// minute.
    /// </summary>
    public async Task RefusedAsync(ServerSession session, RedisServerException exception)
    {
        if (!exception.Message.Contains("READONLY", StringComparison.Ordinal))
            return;

        try
        {
            if (_sentinels is { } sentinels)
                await sentinels.AskAsync().ConfigureAwait(false);
            else
                await RefreshRolesAsync(session.Multiplexer).ConfigureAwait(false);
        }
        catch (Exception other) when (other is RedisException || RedisErrors.IsTransient(other))
        {
            // The refusal itself says more than this failure.
        }
    }

    /// <summary>
    /// Looks up the primary after a failure, without waiting for the result. The client sends no writes to a server that it takes for a
    /// replica, so the server cannot refuse any, and the client by itself checks only once a minute.
    /// </summary>
    public void RefreshRoles()
    {
        if (_multiplexer is { IsConnected: true } multiplexer)
            _ = RefreshAsync();

        async Task RefreshAsync()
        {
            try
            {
                await (_sentinels is { } sentinels ? sentinels.AskAsync() : RefreshRolesAsync(multiplexer)).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RedisException or ObjectDisposedException || RedisErrors.IsTransient(exception))
            {
                // The next failure starts another look-up.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            _session = null;
            _sentinels?.Dispose();
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

    async Task<ServerSession> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_disposed)
                throw Stopped();
            if (_session is { } open)
                return open;

            var multiplexer = await MultiplexerAsync().ConfigureAwait(false);
            if (!multiplexer.IsConnected)
                throw NotReachable(await WhyAsync(multiplexer).ConfigureAwait(false));

            IsCluster = multiplexer.GetServers().Any(x => x.IsConnected && x.ServerType == ServerType.Cluster);
            await Check.RunAsync(multiplexer).ConfigureAwait(false);
            var session = new ServerSession(multiplexer, multiplexer.GetDatabase(_settings.Database), _primary);
            if (_sentinels is { } sentinels)
            {
                session.Check = new PrimaryCheck(session, sentinels, _settings.Options);
                await session.Check.CheckAsync().ConfigureAwait(false);
            }

            lock (_gate)
            {
                if (_sentinels is { Primary: { } named } && !named.Equals(_primary))
                    throw ServerSession.Untrusted();
                _session = session;
            }

            await SubscribeAllAsync(multiplexer).ConfigureAwait(false);
            return session;
        }
        catch (Exception exception) when (exception is RedisException or OperationCanceledException || RedisErrors.IsTransient(exception))
        {
            throw exception as RedisTransportException ?? NotReachable(exception);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>
    /// Returns what the client knows about why it is not connected, for example that the server has refused the credentials. It tells that
    /// only to a call, which fails at once.
    /// </summary>
    static async Task<Exception?> WhyAsync(IConnectionMultiplexer multiplexer)
    {
        try
        {
            await multiplexer.GetDatabase().PingAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is RedisException || RedisErrors.IsTransient(exception))
        {
            return exception;
        }
    }

    async Task<IConnectionMultiplexer> MultiplexerAsync()
    {
        if (_settings.UsesSentinel)
            return await SentinelMultiplexerAsync().ConfigureAwait(false);
        if (_multiplexer is { } known)
            return known;

        if (_settings.External is { } external)
        {
            foreach (var problem in _settings.ExternalRisks())
                LogMessages.ExternalConnection(_logger, _settings.DisplayAddress, problem);
            _multiplexer = external;
        }
        else
        {
            _multiplexer = await ConnectionMultiplexer.ConnectAsync(CreateOptions()).ConfigureAwait(false);
        }

        _multiplexer.ConnectionRestored += OnRestored;
        return _multiplexer;
    }

    void OnRestored(object? sender, ConnectionFailedEventArgs args)
    {
        if (args.ConnectionType == ConnectionType.Interactive)
        {
            // After a failover another server may answer, or the same one without its data. So the server is checked before it is used
            // again.
            ServerSession? before;
            lock (_gate)
            {
                before = _session;
                _session = null;
            }

            if (before?.Check is not null)
                before.Replace();
        }

        // Messages that were published while the subscription was down are lost, so every subscriber polls once.
        Restored?.Invoke();
    }

    async Task RefreshRolesAsync(IConnectionMultiplexer multiplexer)
    {
        Task refreshing;
        lock (_gate)
        {
            if (_refreshing is null or { IsCompleted: true })
                _refreshing = multiplexer.ConfigureAsync();
            refreshing = _refreshing;
        }

        await refreshing.ConfigureAwait(false);
    }

    public static RedisTransportException Stopped() =>
        new("The bus has been stopped, and its connection with it. Start it again, or send by a bus that runs.");

    RedisTransportException NotReachable(Exception? inner)
    {
        var message = $"The Redis server {_settings.DisplayAddress} cannot be reached. Check that it runs, that the address and "
            + "the credentials are right, and that nothing between blocks the port.";
        return inner is null
            ? new RedisTransportException(message) { IsTransient = true }
            : new RedisTransportException(message, inner) { IsTransient = true };
    }
}
