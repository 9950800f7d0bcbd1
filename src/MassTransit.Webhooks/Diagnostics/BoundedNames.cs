using System.Collections.Concurrent;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>Lets the first so many distinct names be tags; whatever comes after them is <c>other</c>.</summary>
internal sealed class BoundedNames(int max)
{
    public const string Other = "other";

    readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);
    int _count;

    public string Of(string name)
    {
        if (_names.TryGetValue(name, out var known))
            return known;
        if (Volatile.Read(ref _count) >= max || Interlocked.Increment(ref _count) > max)
            return Other;
        if (_names.TryAdd(name, name))
            return name;

        // Another thread has added it meanwhile: its place is free again.
        Interlocked.Decrement(ref _count);
        return name;
    }
}
