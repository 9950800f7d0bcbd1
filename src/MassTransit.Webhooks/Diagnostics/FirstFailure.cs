using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// Logs the first failure of each kind of background work with its stack. The next failure of that kind is logged only after the work has
/// succeeded again.
/// </summary>
internal sealed class FirstFailure(ILogger logger, string processor)
{
    readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.Ordinal);

    public void Report(string what, Exception exception)
    {
        if (_failing.TryAdd(what, true))
            LogMessages.BackgroundFailed(logger, processor, what, exception);
    }

    public void Passed(string what)
    {
        if (!_failing.IsEmpty)
            _failing.TryRemove(what, out _);
    }
}
