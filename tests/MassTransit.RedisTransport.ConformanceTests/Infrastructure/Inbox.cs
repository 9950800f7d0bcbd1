using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Infrastructure;

/// <summary>What consumers have seen, in the order they saw it.</summary>
public sealed class Inbox<T>
{
    readonly ConcurrentQueue<T> _items = new();

    public IReadOnlyList<T> Items => [.. _items];

    public int Count => _items.Count;

    public Task AddAsync(T item)
    {
        _items.Enqueue(item);
        return Task.CompletedTask;
    }

    /// <summary>Waits until there are so many, and returns them.</summary>
    public async Task<IReadOnlyList<T>> WaitAsync(int count, TimeSpan? timeout = null)
    {
        // At least so many: the count itself is what a failure names.
        await Eventually.EqualAsync(count, () => Math.Min(count, Count), timeout ?? TimeSpan.FromSeconds(30),
            $"{count} of {typeof(T).Name}");
        return Items;
    }

    public async Task<T> SingleAsync()
    {
        await WaitAsync(1);
        return Assert.Single(Items);
    }
}
