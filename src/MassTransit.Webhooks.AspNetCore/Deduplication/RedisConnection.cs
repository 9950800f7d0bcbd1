using StackExchange.Redis;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A connection that is made when first needed and heals by itself, or one of the user's.</summary>
internal sealed class RedisConnection(Func<Task<IConnectionMultiplexer>> connect, bool ownsConnection) : IWebhookConnection<IDatabase>, IAsyncDisposable
{
    readonly Lock _lock = new();
    Task<IConnectionMultiplexer>? _connecting;

    /// <summary>None of its own: the application's is asked for where it is needed.</summary>
    public string? KeyPrefix => null;

    public static RedisConnection To(string connectionString)
    {
        var options = RedisAddress.Parse(connectionString);
        options.AbortOnConnectFail = false;
        // A claim that is made after the request has gone on without it would only stand in the way of the next one.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return new RedisConnection(async () => await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false), ownsConnection: true);
    }

    public static RedisConnection Of(IConnectionMultiplexer connection) => new(() => Task.FromResult(connection), ownsConnection: false);

    /// <exception cref="RedisConnectionException">The server is not reachable now.</exception>
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
