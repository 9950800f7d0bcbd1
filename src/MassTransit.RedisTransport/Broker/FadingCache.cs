using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// Keeps values that are in use and drops those that have not been used for a while, because the number of clients that come and go is
/// unlimited. It has two generations, so that no order must be kept: a value that is found in the older one moves to the younger one.
/// </summary>
/// <param name="age">
/// The time without use after which a value is dropped; at the latest after twice as long, if the cache is used at all.
/// </param>
/// <param name="capacity">The number of values at which a generation ends before its time.</param>
/// <param name="create">Creates a missing value.</param>
/// <param name="isIdle">Returns false for a value that must not be dropped yet.</param>
internal sealed class FadingCache<TKey, TValue>(TimeSpan age, int capacity, Func<TKey, TValue> create, Func<TValue, bool>? isIdle = null)
    where TKey : notnull
    where TValue : class
{
    readonly Lock _gate = new();
    ConcurrentDictionary<TKey, TValue> _young = new();
    ConcurrentDictionary<TKey, TValue> _old = new();
    long _since = Stopwatch.GetTimestamp();

    public int Count => _young.Count + _old.Count;

    public TValue Get(TKey key) =>
        _young.TryGetValue(key, out var value) && !IsOver() ? value : Add(key);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) =>
        _young.TryGetValue(key, out value) || _old.TryGetValue(key, out value);

    public void Remove(TKey key)
    {
        lock (_gate)
        {
            _young.TryRemove(key, out _);
            _old.TryRemove(key, out _);
        }
    }

    bool IsOver() => Stopwatch.GetElapsedTime(Volatile.Read(ref _since)) > age;

    TValue Add(TKey key)
    {
        lock (_gate)
        {
            if (IsOver() || _young.Count >= capacity)
                End();
            if (_young.TryGetValue(key, out var value))
                return value;
            if (!_old.TryRemove(key, out value))
                value = create(key);
            _young[key] = value;
            return value;
        }
    }

    void End()
    {
        // If the cache was not used for the time of a generation, all values are dropped.
        var next = new ConcurrentDictionary<TKey, TValue>();
        var idle = Stopwatch.GetElapsedTime(_since) > 2 * age;
        foreach (var (key, value) in idle ? _old.Concat(_young) : _old)
        {
            if (isIdle?.Invoke(value) is false)
                next[key] = value;
        }

        _old = idle ? new ConcurrentDictionary<TKey, TValue>() : _young;
        _young = next;
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
    }
}
