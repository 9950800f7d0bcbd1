namespace MassTransit.RedisTransport.Receiving;

/// <summary>Remembers one signal until somebody waits for it. More signals than waits are one.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never asked for holds nothing to dispose of.
internal sealed class AsyncSignal
#pragma warning restore CA1001
{
    readonly SemaphoreSlim _semaphore = new(0, 1);

    /// <summary>True when signalled, false when <paramref name="timeout"/> was over first.</summary>
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
            // Set at the same time by another thread.
        }
    }
}
