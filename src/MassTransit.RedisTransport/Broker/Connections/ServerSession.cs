using System.Net;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>One connection of the client, from its check until a connection to another server replaces it.</summary>
internal sealed class ServerSession(IConnectionMultiplexer multiplexer, IDatabase database, EndPoint? primary)
{
    readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IConnectionMultiplexer Multiplexer { get; } = multiplexer;

    public IDatabase Database { get; } = database;

    /// <summary>The server that Sentinel has named; <c>null</c> if the client chooses the server itself.</summary>
    public EndPoint? Primary { get; } = primary;

    /// <summary>Checks after each answer whether the server is still the primary; <c>null</c> if that cannot be checked.</summary>
    public PrimaryCheck? Check { get; set; }

    public bool IsReplaced => _replaced.Task.IsCompleted;

    public void Replace() => _replaced.TrySetResult();

    /// <summary>Returns the answer only if the server has not been replaced meanwhile.</summary>
    /// <exception cref="RedisConnectionException">The connection was replaced, so the effect of the call is unknown.</exception>
    public async Task<T> TrustedAsync<T>(Task<T> running)
    {
        if (Check is not { } check)
            return await running.ConfigureAwait(false);

        if (!running.IsCompleted && await Task.WhenAny(running, _replaced.Task).ConfigureAwait(false) != running)
        {
            // Observes the exception, so that it is not reported as unobserved.
            _ = running.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
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
