using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Faults;

/// <summary>How a run of the suite is made.</summary>
/// <param name="Short">Shorter outages and loads: for CI.</param>
internal sealed record Settings(bool Short)
{
    /// <summary>FAULTS_LOG: a folder for the warnings of senders and workers, for who looks into a fault.</summary>
    public static string? LogFolder => Environment.GetEnvironmentVariable("FAULTS_LOG") is { Length: > 0 } folder ? folder : null;

    /// <summary>How many of each kind must be confirmed and processed before a fault, and again after it.</summary>
    public int Steady => Short ? 15 : 60;

    public TimeSpan Outage => TimeSpan.FromSeconds(Short ? 12 : 60);

    public TimeSpan FullDisk => TimeSpan.FromSeconds(Short ? 8 : 20);

    /// <summary>The longest that anything may take to come back.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
}

/// <summary>Warnings and worse, to a file.</summary>
internal sealed class FileLog(string path) : ILoggerProvider, ILogger
{
    readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        lock (_gate)
            File.AppendAllText(path, $"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {eventId.Id} {formatter(state, exception)} {exception}\n");
    }

    public void Dispose()
    {
    }
}
