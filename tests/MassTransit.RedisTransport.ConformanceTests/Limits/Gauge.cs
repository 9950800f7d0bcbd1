using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Limits;

/// <summary>
/// Counts how many are inside at once. The first ones wait until <paramref name="expected"/> are, so that a limit that is not
/// reached fails by itself, whatever the machine's load.
/// </summary>
sealed class Gauge(int expected)
{
    readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    TaskCompletionSource? _closed;
    int _running;
    int _most;

    public int Running => Volatile.Read(ref _running);

    public int Most => Volatile.Read(ref _most);

    /// <summary>Lets nobody out.</summary>
    public void Close() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _closed?.SetResult();

    public async Task RunAsync()
    {
        var running = Interlocked.Increment(ref _running);
        for (var most = Most; running > most; most = Most)
            Interlocked.CompareExchange(ref _most, running, most);
        if (running >= expected)
            _reached.TrySetResult();
        await Eventually.CompletesAsync(_reached.Task, message: $"{expected} at once");
        if (_closed is { } closed)
            await closed.Task;
        // Gives those who should not be let in a chance to come in all the same.
        await Task.Yield();
        Interlocked.Decrement(ref _running);
    }
}
