using System.Collections.Concurrent;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Limits a log message to once a minute for each receiver, however often its cause occurs. Metrics count every occurrence.
/// </summary>
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
