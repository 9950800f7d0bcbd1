using System.Runtime.CompilerServices;
using MassTransit.RedisTransport.Dashboard.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Configuration;

/// <summary>
/// Works on bulk operations from the start of the application to its stop. It is no hosted service, because services cannot be added any
/// more when endpoints are mapped.
/// </summary>
internal sealed class OperationWork(IRedisOperations operations, ILogger logger)
{
    /// <summary>How long the stop of the application waits for the end of a step. With the rest another process goes on.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A dashboard may be mapped several times: one of them works.</summary>
    static readonly ConditionalWeakTable<IRedisOperations, OperationWork> Known = [];

    /// <param name="services">Those of the application.</param>
    /// <param name="operations">Asked for when the application has started, since its start must not create the bus for this.</param>
    /// <param name="logger">Gets why it does not work.</param>
    public static void Begin(IServiceProvider services, Func<IRedisOperations> operations, ILogger logger)
    {
        if (services.GetService<IHostApplicationLifetime>() is not { } lifetime)
            return;
        lifetime.ApplicationStarted.Register(() =>
        {
            try
            {
                var work = new OperationWork(operations(), logger);
                if (Known.TryAdd(work.Operations, work))
                    work.Begin(lifetime);
            }
            catch (Exception exception)
            {
                LogMessages.NoOperations(logger, exception);
            }
        });
    }

    IRedisOperations Operations => operations;

    void Begin(IHostApplicationLifetime lifetime)
    {
        var stop = new CancellationTokenSource();
        var work = Task.Run(() => RunAsync(stop.Token));
        lifetime.ApplicationStopping.Register(() =>
        {
            stop.Cancel();
            // The connection is closed after this.
            work.Wait(Patience);
        });
    }

    async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await operations.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogMessages.NoOperations(logger, exception);
        }
    }
}
