using System.Text;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.FaultWorker;

/// <summary>
/// One line for each thing that happened, written to the pipe at once: what was reported before a SIGKILL is in the parent's
/// hands, without any server's help.
/// </summary>
sealed class Journal : ILoggerProvider, ILogger
{
    readonly Stream _output = Console.OpenStandardOutput();
    readonly Lock _gate = new();

    public void Write(string line)
    {
        lock (_gate)
        {
            _output.Write(Encoding.ASCII.GetBytes(line + "\n"));
            _output.Flush();
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <summary>The transport's own messages are told by their numbers.</summary>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && eventId.Id > 0)
            Write($"{Report.Logged} {eventId.Id}");
    }

    public void Dispose() => _output.Dispose();
}
