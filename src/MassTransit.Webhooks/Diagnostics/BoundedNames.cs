using System.Collections.Concurrent;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// Limits the distinct values of a tag: the first <paramref name="max"/> names are used, and later ones become <c>other</c>.
/// </summary>
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

        // Another thread has added the name meanwhile, so the place is given back.
        Interlocked.Decrement(ref _count);
        return name;
    }
}
