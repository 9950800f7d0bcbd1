using System.Net;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>One connection of the client's, from the moment it was checked until it is replaced by one to another server.</summary>
internal sealed class ServerSession(IConnectionMultiplexer multiplexer, IDatabase database, EndPoint? primary)
{
    readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IConnectionMultiplexer Multiplexer { get; } = multiplexer;

    public IDatabase Database { get; } = database;

    /// <summary>The one server it leads to, where Sentinel has named it; <c>null</c> where the client chooses itself.</summary>
    public EndPoint? Primary { get; } = primary;

    /// <summary>Looks after each answer whether the server still is the primary; <c>null</c> where nobody could say.</summary>
    public PrimaryCheck? Check { get; set; }

    public bool IsReplaced => _replaced.Task.IsCompleted;

    public void Replace() => _replaced.TrySetResult();

    /// <summary>The answer, and nothing that a server says which may have been replaced since.</summary>
    /// <exception cref="RedisConnectionException">The connection was replaced: whether the call is worth anything is not known.</exception>
    public async Task<T> TrustedAsync<T>(Task<T> running)
    {
        if (Check is not { } check)
            return await running.ConfigureAwait(false);

        if (!running.IsCompleted && await Task.WhenAny(running, _replaced.Task).ConfigureAwait(false) != running)
        {
            // Nobody looks at it any more: keep that from being reported as unobserved.
            _ = running.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw Untrusted();
        }

        T result;
        try
        {
            result = await running.ConfigureAwait(false);
        }
        catch (Exception) when (IsReplaced)
        {
            throw Untrusted();
        }

        await check.TrustAsync().ConfigureAwait(false);
        return result;
    }

    public static RedisConnectionException Untrusted() => new(ConnectionFailureType.UnableToConnect,
        "Sentinel names another primary, or is about to: what this server has confirmed may be lost");
}
