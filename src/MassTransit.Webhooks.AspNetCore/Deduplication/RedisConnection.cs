using StackExchange.Redis;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A connection that is opened at its first use and reconnects by itself, or a connection that the user has given.</summary>
internal sealed class RedisConnection(Func<Task<IConnectionMultiplexer>> connect, bool ownsConnection)
    : IWebhookConnection<IDatabase>, IAsyncDisposable
{
    readonly Lock _lock = new();
    Task<IConnectionMultiplexer>? _connecting;

    /// <summary>Always <c>null</c>, because this connection has no key prefix. The default prefix is computed where it is needed.</summary>
    public string? KeyPrefix => null;

    public static RedisConnection To(string connectionString)
    {
        var options = RedisAddress.Parse(connectionString);
        options.AbortOnConnectFail = false;
        // Fails calls at once while disconnected. A claim that is made after its request has continued without it would only block the
        // sender's next attempt.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return new RedisConnection(async () => await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false),
            ownsConnection: true);
    }

    public static RedisConnection Of(IConnectionMultiplexer connection) => new(() => Task.FromResult(connection), ownsConnection: false);

    /// <exception cref="RedisConnectionException">The server cannot be reached now.</exception>
    public async ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken)
    {
        Task<IConnectionMultiplexer> connecting;
        lock (_lock)
        {
            if (_connecting is null or { IsFaulted: true })
                _connecting = connect();
            connecting = _connecting;
        }

        var connection = await connecting.ConfigureAwait(false);
        return connection.IsConnected
            ? connection.GetDatabase()
            : throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "Redis is not connected.");
    }

    public async ValueTask DisposeAsync()
    {
        if (ownsConnection && _connecting is { IsCompletedSuccessfully: true } connecting)
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }
}
