using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Repeats a call until the server answers or the time is over. The call must have the same effect if it is applied twice, as all scripts
/// have.
/// </summary>
internal static class CallRetry
{
    /// <summary>The pauses between attempts while the server cannot be reached. They grow.</summary>
    static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400),
    ];

    /// <summary>Repeats a script. While the bytes of a payload are still being transferred, it waits, however long that takes.</summary>
    /// <param name="caller">Runs the attempts.</param>
    /// <param name="script">The script.</param>
    /// <param name="call">
    /// Returns the keys and values before each attempt. Its argument tells whether an earlier attempt may have been applied; if so, they
    /// must be the same as before.
    /// </param>
    /// <param name="deadline">When to stop.</param>
    /// <param name="replication">How many replicas must have the write; <c>null</c>: none.</param>
    /// <param name="cancellationToken">Stops the waiting; an attempt under way may still be applied.</param>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public static async Task<ScriptReply> RunAsync(ScriptCaller caller, RedisScript script,
        Func<bool, (RedisKey[] Keys, RedisValue[] Values)> call, Deadline deadline,
        Replication? replication, CancellationToken cancellationToken = default)
    {
        bool large = false, applied = false;
        var subject = "";
        var (result, confirmed) = await RunAsync(script.Name, () => subject, async _ =>
        {
            var (keys, values) = call(applied);
            subject = RedisErrors.SubjectOf(keys);
            large = ScriptCaller.IsLarge(values);
            try
            {
                return await caller.AttemptAsync(script, keys, values, large, replication, deadline, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception exception) when (!RedisErrors.WasNeverSent(exception))
            {
                applied = true;
                throw;
            }
        }, deadline, cancellationToken, RedisErrors.Drains(script), caller, () => large).ConfigureAwait(false);
        replication?.ThrowIfTooFew(confirmed);
        return new ScriptReply(result, applied);
    }

    /// <summary>Repeats any other operation.</summary>
    /// <param name="operation">The operation's name, for messages.</param>
    /// <param name="subject">The object of the operation, for messages.</param>
    /// <param name="attempt">Runs one attempt. Its argument tells whether an earlier attempt may have been applied.</param>
    /// <param name="deadline">When to stop.</param>
    /// <param name="cancellationToken">Stops the waiting; an attempt under way may still be applied.</param>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public static Task<T> RunAsync<T>(string operation, string subject, Func<bool, Task<T>> attempt, Deadline deadline,
        CancellationToken cancellationToken = default) =>
        RunAsync(operation, () => subject, attempt, deadline, cancellationToken);

    /// <summary>
    /// Throws if the caller's time is over and the lane's last call has failed. Otherwise each call that waits in a lane would wait for all
    /// calls before it, without a limit.
    /// </summary>
    /// <param name="script">The script that is not run, for the message.</param>
    /// <param name="deadline">When the caller's time is over.</param>
    /// <param name="outage">How the lane's last call failed; <c>null</c> if it did not.</param>
    public static void ThrowIfOverdue(RedisScript script, Deadline deadline, Exception? outage)
    {
        if (outage is not null && RedisErrors.IsTransient(outage) && deadline.IsOver)
            throw RedisErrors.NotTried(script, deadline.Budget, outage);
    }

    static async Task<T> RunAsync<T>(string operation, Func<string> subject, Func<bool, Task<T>> attempt, Deadline deadline,
        CancellationToken cancellationToken,
        bool drains = false, ScriptCaller? caller = null, Func<bool>? moves = null)
    {
        Exception? cause = null;
        for (var count = 0; ; count++)
        {
            try
            {
                var left = deadline.LeftForStep;
                var running = attempt(count > 0);
                // The caller does not wait past its deadline for a server that does not answer. It does wait while a payload is being
                // transferred, because the transfer fails by itself when nothing moves.
                return await (running.IsCompleted || moves?.Invoke() is true ? running : WithinAsync(running, left, cancellationToken))
                    .ConfigureAwait(false);
            }
            catch (Exception exception) when (RedisErrors.IsTransient(exception) || (drains && RedisErrors.IsFull(exception))
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Keeps the earlier exception, because it says more than a timeout.
                if (cause is null || exception.GetType() != typeof(TimeoutException))
                    cause = exception;
                var pause = Pauses[Math.Min(count, Pauses.Length - 1)];
                if (exception is PoolStarvedException && PoolWatch.IsStarved)
                    pause = TimeSpan.Zero;
                // While the pool is starved, the server is not asked, so the limit is twice the budget.
                var limit = exception is PoolStarvedException ? deadline.Budget * 2 : deadline.Budget;
                if (deadline.Elapsed + pause > limit)
                    throw RedisErrors.NotConfirmed(operation, deadline.Budget, cause);
                if (pause > TimeSpan.Zero)
                    await (caller is null ? Task.Delay(pause, cancellationToken) : caller.PauseAsync(pause, cancellationToken))
                        .ConfigureAwait(false);
            }
            catch (RedisServerException exception)
            {
                throw RedisErrors.Refused(operation, subject(), exception);
            }
        }
    }

    static async Task<T> WithinAsync<T>(Task<T> running, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (!running.IsCompleted)
        {
            throw new TimeoutException("no answer", exception);
        }
        finally
        {
            // Observes the exception of an abandoned attempt, so that it is not reported as unobserved.
            if (!running.IsCompleted)
                _ = running.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default);
        }
    }
}
