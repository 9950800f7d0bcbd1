using System.Collections.Concurrent;
using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Logs refusals at a limited rate, because anyone can send requests that are refused. For each receiver and reason the first refusal is
/// logged at once with its cause, and the number of further ones once a minute. Metrics count every refusal.
/// </summary>
internal sealed class RefusalLog(ILogger<WebhookIngress> logger, TimeProvider time) : IDisposable
{
    readonly ConcurrentDictionary<Kind, Repeats> _repeats = [];

    internal TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    public void Refused(string receiver, in IngressResponse response)
    {
        var (status, code) = response.Reason.Describe();
        var repeats = _repeats.GetOrAdd(new Kind(receiver, response.Reason, response.Cause?.GetType()),
            static (kind, log) => new Repeats(log, kind), this);
        if (!repeats.IsFirst())
            return;

        var level = Level(status);
        LogMessages.Refused(logger, level, receiver, status, code);
        switch (response)
        {
            case { Reason: IngressReason.BodyConsumed }:
                LogMessages.BodyConsumed(logger, receiver);
                break;
            case { Reason: IngressReason.Misconfigured, Cause: { } cause }:
                LogMessages.Misconfigured(logger, receiver, cause.Message, cause is OptionsValidationException ? null : cause);
                break;
            case { Reason: IngressReason.SecretsUnavailable, Cause: { } cause }:
                LogMessages.SecretsFailed(logger, cause, receiver);
                break;
            case { Cause: { } cause }:
                LogMessages.Failed(logger, cause, receiver);
                break;
        }
    }

    public void Dispose()
    {
        foreach (var repeats in _repeats.Values)
            repeats.Dispose();
    }

    static LogLevel Level(int status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status503ServiceUnavailable ? LogLevel.Warning : LogLevel.Information;

    readonly record struct Kind(string Receiver, IngressReason Reason, Type? Cause);

    /// <summary>Counts how often one kind of refusal has occurred since it was last logged.</summary>
    sealed class Repeats(RefusalLog log, Kind kind) : IDisposable
    {
        readonly Lock _lock = new();
        ITimer? _timer;
        long _count;
        bool _isLogged;

        public bool IsFirst()
        {
            lock (_lock)
            {
                if (_isLogged)
                {
                    _count++;
                    return false;
                }

                _isLogged = true;
                _timer ??= log.Timer(this);
                _timer.Change(log.Window, Timeout.InfiniteTimeSpan);
                return true;
            }
        }

        public void LogCount()
        {
            long count;
            lock (_lock)
            {
                count = _count;
                _count = 0;
                _isLogged = count > 0;
                if (_isLogged)
                    _timer?.Change(log.Window, Timeout.InfiniteTimeSpan);
            }

            if (count == 0)
                return;
            var (status, code) = kind.Reason.Describe();
            var level = Level(status);
            LogMessages.RefusedMore(log.Logger, level, log.Window, count, kind.Receiver, status, code);
        }

        /// <summary>Logs the counts that have not been logged yet.</summary>
        public void Dispose()
        {
            LogCount();
            lock (_lock)
                _timer?.Dispose();
        }
    }

    ILogger Logger => logger;

    ITimer Timer(Repeats repeats) =>
        time.CreateTimer(static x => ((Repeats)x!).LogCount(), repeats, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
