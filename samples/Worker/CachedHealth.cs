using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Worker;

/// <summary>The checks ask Redis: however often and from however many sides they are asked for, they do so once in two seconds.</summary>
sealed class CachedHealth(HealthCheckService checks, TimeProvider time)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    Task<HealthReport>? _report;
    long _asked;

    public Task<HealthReport> ReadyAsync()
    {
        lock (_lock)
        {
            if (_report is null || (_report.IsCompleted && time.GetElapsedTime(_asked) > Lifetime))
                (_report, _asked) = (checks.CheckHealthAsync(x => x.Tags.Contains("ready")), time.GetTimestamp());
            return _report;
        }
    }
}

static class HealthReports
{
    /// <summary>
    /// The status, and of every check that is not healthy what to do about it: who looks at it at night has no log at hand.
    /// </summary>
    public static string WhatToDo(this HealthReport report) => string.Join('\n',
        [report.Status.ToString(),
            .. report.Entries.Where(x => x.Value.Status != HealthStatus.Healthy).Select(x => $"{x.Key}: {x.Value.Description}")]);
}
