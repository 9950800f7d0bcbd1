using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>Everything that anyone logs, at every level, with its exceptions and scopes.</summary>
public sealed class RecordingLogs : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public string Text => string.Join('\n', Lines);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    sealed class Logger(RecordingLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            logs.Lines.Enqueue($"{category} scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            logs.Lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception}");
    }
}
