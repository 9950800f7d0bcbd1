namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Runs an action repeatedly in the background until it is disposed. A failure does not end it. Only the first of several failures in a row
/// is reported, so that an outage gives one line in the log.
/// </summary>
internal sealed class BackgroundLoop : IAsyncDisposable
{
    readonly Func<CancellationToken, Task> _runOnce;
    readonly Func<TimeSpan> _pause;
    readonly Action<Exception> _failed;
    readonly CancellationTokenSource _stop = new();
    readonly Task _run;
    TaskCompletionSource _hurry = New();

    /// <param name="first">The time before the first run.</param>
    /// <param name="runOnce">The action. Its token is cancelled when the loop is disposed.</param>
    /// <param name="pause">Returns the time between two runs. It is called after each run.</param>
    /// <param name="failed">Called with the first of several failures in a row.</param>
    public BackgroundLoop(TimeSpan first, Func<CancellationToken, Task> runOnce, Func<TimeSpan> pause, Action<Exception> failed)
    {
        _runOnce = runOnce;
        _pause = pause;
        _failed = failed;
        _run = Task.Run(() => RunAsync(first));
    }

    /// <summary>Ends the current pause, or the next one. It does not block.</summary>
    public void Hurry() => Volatile.Read(ref _hurry).TrySetResult();

    /// <summary>Stops the loop. It completes when the current run has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    async Task RunAsync(TimeSpan pause)
    {
        var isFailing = false;
        while (true)
        {
            await Volatile.Read(ref _hurry).Task.WaitAsync(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
                return;

            // Whoever hurries from here on is served by another run.
            Volatile.Write(ref _hurry, New());
            try
            {
                await _runOnce(_stop.Token).ConfigureAwait(false);
                isFailing = false;
            }
            catch (Exception exception)
            {
                if (!isFailing && !_stop.IsCancellationRequested)
                    _failed(exception);
                isFailing = true;
            }

            pause = _pause();
        }
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
