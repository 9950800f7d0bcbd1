using System.Diagnostics;
using System.Threading.Channels;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// Hands the entries of the audit to those of the application that want them, one after the other. Nobody waits for it.
/// </summary>
/// <param name="listeners">
/// Who wants them. It is called with the first entry, because they may themselves need the services that write entries.
/// </param>
/// <param name="logger">Gets a warning a minute at most.</param>
internal sealed class AuditFeed(Func<IReadOnlyCollection<IOperationAudit>> listeners, ILogger logger) : IAsyncDisposable, IDisposable
{
    const int Capacity = 10_000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    readonly Channel<RedisAuditEntry> _entries = Channel.CreateBounded<RedisAuditEntry>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
    });

    readonly CancellationTokenSource _end = new();
    readonly Lock _gate = new();
    Task? _run;
    long _warned;
    int _lost;

    /// <summary>Queues an entry. It does not block and does not throw.</summary>
    public void Tell(RedisAuditEntry entry)
    {
        if (!_entries.Writer.TryWrite(entry))
            Lost(1, new InvalidOperationException("Too many entries wait, or the process ends."));
        if (_run is not null)
            return;

        lock (_gate)
        {
            // What it does is no part of the act that happened to be the first.
            using (ExecutionContext.SuppressFlow())
                _run ??= Task.Run(RunAsync);
        }
    }

    /// <summary>Hands over what waits, for a few seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_run is { } run)
            await run.ConfigureAwait(false);
    }

    /// <summary>Lets what waits be handed over in the background.</summary>
    public void Dispose()
    {
        _entries.Writer.TryComplete();
        _end.CancelAfter(LastPatience);
    }

    async Task RunAsync()
    {
        try
        {
            var told = listeners();
            await foreach (var entry in _entries.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
            {
                foreach (var listener in told)
                    await TellAsync(listener, entry).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // The process ends, or they cannot be created.
            _entries.Writer.TryComplete();
            if (_entries.Reader.Count > 0)
                Lost(_entries.Reader.Count, exception);
        }
    }

    async Task TellAsync(IOperationAudit listener, RedisAuditEntry entry)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        patience.CancelAfter(Patience);
        try
        {
            // Not every implementation looks at its token, and one may block before it returns a task.
            await Task.Run(() => listener.RecordedAsync(entry, patience.Token)).WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Lost(1, exception);
        }
    }

    void Lost(int count, Exception exception)
    {
        lock (_gate)
        {
            _lost += count;
            if (_warned != 0 && Stopwatch.GetElapsedTime(_warned) < Quiet)
                return;
            LogMessages.AuditNotTold(logger, _lost, exception);
            _warned = Stopwatch.GetTimestamp();
            _lost = 0;
        }
    }
}
