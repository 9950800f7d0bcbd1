namespace MassTransit.RedisTransport.Receiving;

/// <summary>Keeps a signal until somebody waits for it. Several signals before a wait count as one.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never used holds nothing to dispose.
internal sealed class AsyncSignal
#pragma warning restore CA1001
{
    readonly SemaphoreSlim _semaphore = new(0, 1);

    /// <summary>Returns true if it was signalled, false if <paramref name="timeout"/> was over first.</summary>
    public Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _semaphore.WaitAsync(timeout, cancellationToken);

    public void Set()
    {
        try
        {
            if (_semaphore.CurrentCount == 0)
                _semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread has set it at the same time.
        }
    }
}
