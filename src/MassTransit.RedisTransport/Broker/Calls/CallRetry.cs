using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Repeats a call until the server answers or the time is over. Only for what may be applied twice without harm, which all
/// scripts may.
/// </summary>
internal static class CallRetry
{
    /// <summary>Between two attempts while the server is away: soon, then calmer.</summary>
    static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400),
    ];

    /// <summary>Repeats a script. A payload that is still on its way is waited for, however long it takes.</summary>
    /// <param name="caller">Makes the attempts.</param>
    /// <param name="script">What is run.</param>
    /// <param name="call">Asked before each attempt for keys and values. Told whether an earlier attempt may have been applied: if so, they must be the same.</param>
    /// <param name="deadline">How long to go on.</param>
    /// <param name="replication">How many replicas must have it; <c>null</c>: none.</param>
    /// <param name="cancellationToken">Ends the waiting; an attempt under way may still be applied.</param>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public static async Task<ScriptReply> RunAsync(ScriptCaller caller, RedisScript script, Func<bool, (RedisKey[] Keys, RedisValue[] Values)> call, Deadline deadline,
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
                return await caller.AttemptAsync(script, keys, values, large, replication, deadline, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Repeats anything else.</summary>
    /// <param name="operation">What is attempted, for messages.</param>
    /// <param name="subject">On what, for messages.</param>
    /// <param name="attempt">Told whether an earlier attempt may have been applied.</param>
    /// <param name="deadline">How long to go on.</param>
    /// <param name="cancellationToken">Ends the waiting; an attempt under way may still be applied.</param>
    /// <exception cref="RedisTransportException">The server refused, or did not answer in time.</exception>
    public static Task<T> RunAsync<T>(string operation, string subject, Func<bool, Task<T>> attempt, Deadline deadline, CancellationToken cancellationToken = default) =>
        RunAsync(operation, () => subject, attempt, deadline, cancellationToken);

    /// <summary>
    /// Calls that wait in a lane behind one the server did not answer share its fate once their own time is over: each would
    /// wait for all before it otherwise, without a bound.
    /// </summary>
    /// <param name="script">What is not attempted, for the message.</param>
    /// <param name="deadline">How long the caller may wait.</param>
    /// <param name="outage">How the lane's last call failed; <c>null</c> if it did not.</param>
    public static void ThrowIfOverdue(RedisScript script, Deadline deadline, Exception? outage)
    {
        if (outage is not null && RedisErrors.IsTransient(outage) && deadline.IsOver)
            throw RedisErrors.NotTried(script, deadline.Budget, outage);
    }

    static async Task<T> RunAsync<T>(string operation, Func<string> subject, Func<bool, Task<T>> attempt, Deadline deadline, CancellationToken cancellationToken,
        bool drains = false, ScriptCaller? caller = null, Func<bool>? moves = null)
    {
        Exception? cause = null;
        for (var count = 0; ; count++)
        {
            try
            {
                var left = deadline.LeftForStep;
                var running = attempt(count > 0);
                // A server that stands still is not waited for longer than the caller wants. A payload that moves is: it ends by itself when it does not.
                return await (running.IsCompleted || moves?.Invoke() is true ? running : WithinAsync(running, left, cancellationToken)).ConfigureAwait(false);
            }
            catch (Exception exception) when (RedisErrors.IsTransient(exception) || (drains && RedisErrors.IsFull(exception))
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // That the time is over says less than what went wrong before.
                if (cause is null || exception.GetType() != typeof(TimeoutException))
                    cause = exception;
                var pause = Pauses[Math.Min(count, Pauses.Length - 1)];
                if (exception is PoolStarvedException && PoolWatch.IsStarved)
                    pause = TimeSpan.Zero;
                // What the pool has taken of the time the server was not asked for; an end it has all the same.
                var limit = exception is PoolStarvedException ? deadline.Budget * 2 : deadline.Budget;
                if (deadline.Elapsed + pause > limit)
                    throw RedisErrors.NotConfirmed(operation, deadline.Budget, cause);
                if (pause > TimeSpan.Zero)
                    await (caller is null ? Task.Delay(pause, cancellationToken) : caller.PauseAsync(pause, cancellationToken)).ConfigureAwait(false);
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
            // Nobody looks at an attempt that was given up: keep that from being reported as unobserved.
            if (!running.IsCompleted)
                _ = running.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }
}
