using System.Collections.Concurrent;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>When to tell of something again: once a minute a receiver, whoever brings it about however often. Metrics count it all.</summary>
internal sealed class Notice
{
    const long Pause = 60_000;

    readonly ConcurrentDictionary<string, long> _next = new(StringComparer.Ordinal);

    public bool IsDue(string receiver)
    {
        var now = Environment.TickCount64;
        if (_next.TryAdd(receiver, now + Pause))
            return true;
        var next = _next[receiver];
        return now >= next && _next.TryUpdate(receiver, now + Pause, next);
    }
}
