using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Support;

/// <summary>What a test's consumers have received, in the order they did.</summary>
sealed class Inbox<T>
{
    readonly ConcurrentQueue<T> _items = new();

    public int Count => _items.Count;

    public T[] Items => [.. _items];

    public void Add(T item) => _items.Enqueue(item);

    /// <summary>Waits until at least so many have come.</summary>
    public Task WaitAsync(int count, TimeSpan? timeout = null) =>
        Eventually.EqualAsync(count, () => Math.Min(count, _items.Count), timeout, $"{count} received");
}

/// <summary>A task that a test completes, or waits for within a bound.</summary>
sealed class Signal
{
    readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSet => _source.Task.IsCompleted;

    public Task Task => _source.Task;

    public void Set() => _source.TrySetResult();

    public Task WaitAsync(string what, TimeSpan? timeout = null) => Eventually.CompletesAsync(_source.Task, timeout, what);
}
