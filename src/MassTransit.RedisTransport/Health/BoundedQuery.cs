using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;

namespace MassTransit.RedisTransport.Health;

/// <summary>Asks Redis with a time limit, and words the reason if there is no answer.</summary>
internal static class BoundedQuery
{
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public static async Task<(T? Answer, string? Problem)> RunAsync<T>(Func<CancellationToken, Task<T>> ask, EngineHost host,
        TimeSpan limit,
        CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        // Runs on the pool, because connecting begins with work that ignores the token.
        var asking = Task.Run(() => ask(bound.Token), CancellationToken.None);
        try
        {
            return (await asking.WaitAsync(bound.Token).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _ = asking.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            return (default, string.Create(CultureInfo.InvariantCulture,
                $"Redis ({host.Settings.DisplayAddress}) did not answer within {limit.TotalSeconds:0.###} s. Check that the server runs "
                    + $"and is not blocked, and the network to it."));
        }
        catch (RedisTransportException exception)
        {
            // The message of this exception already names the cure.
            return (default, exception.Message);
        }
        catch (Exception exception) when (RedisErrors.IsOfClient(exception) || RedisErrors.IsTransient(exception))
        {
            return (default,
                $"Redis ({host.Settings.DisplayAddress}) cannot be asked: {exception.Message.Split('\n')[0].TrimEnd('\r', '.')}. "
                + "Check that the server runs, that address and credentials are right, and the network to it.");
        }
    }
}
