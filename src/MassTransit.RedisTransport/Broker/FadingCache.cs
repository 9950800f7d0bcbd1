using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// Keeps what is used and forgets what has not been for a while: of clients that come and go there is no end. Two generations,
/// so that nothing is kept in order: what is found in the older one moves to the younger.
/// </summary>
/// <param name="age">After this long without use a value is forgotten, at the latest after twice as long, where anything is asked for at all.</param>
/// <param name="capacity">A generation that holds this many ends before its time.</param>
/// <param name="create">Makes what is not there.</param>
/// <param name="isIdle">False for a value that must not be forgotten yet.</param>
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

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _young.TryGetValue(key, out value) || _old.TryGetValue(key, out value);

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
        // All of it where nothing was asked for in all the time of a generation.
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
