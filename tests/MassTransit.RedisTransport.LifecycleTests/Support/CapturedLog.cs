using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.LifecycleTests.Support;

sealed record LogEntry(LogLevel Level, string Category, string Text);

/// <summary>Every line an application logs, at every level, with exceptions and scopes' values written out.</summary>
sealed class CapturedLog : ILoggerProvider
{
    readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyCollection<LogEntry> Entries => _entries;

    public string Text => string.Join('\n', _entries.Select(x => $"{x.Level} {x.Category} {x.Text}"));

    public bool Contains(string text, LogLevel? level = null) =>
        _entries.Any(x => (level is null || x.Level == level) && x.Text.Contains(text, StringComparison.OrdinalIgnoreCase));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs
                ? string.Join(' ', pairs.Select(x => $"{x.Key}={x.Value}")) : "";
            log._entries.Enqueue(new LogEntry(logLevel, category, $"{formatter(state, exception)} {exception} {values}"));
        }
    }
}
