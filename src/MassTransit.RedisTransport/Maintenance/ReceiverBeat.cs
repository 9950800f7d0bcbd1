using System.Diagnostics;
using System.Reflection;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Receiving;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Says every ten seconds that a receiver lives and what it does, in one call, which also keeps the figures of each minute. A beat that
/// fails is left out: it never stops a receiver, and the next one comes soon. A clean stop takes the receiver out of the register.
/// </summary>
internal sealed class ReceiverBeat : IAsyncDisposable
{
    /// <summary>
    /// How long a stop waits until the receiver is taken out. If that fails, it counts as dead half a minute later.
    /// </summary>
    static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(1);

    static readonly string Version = typeof(ReceiverBeat).Assembly.GetName().Version?.ToString(3) ?? "";
    static readonly string ProcessName = Assembly.GetEntryAssembly()?.GetName().Name
        ?? Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "";

    readonly MessageReceiver _receiver;
    readonly QueueEngine _engine;
    readonly BackgroundLoop _loop;
    readonly long _started = Stopwatch.GetTimestamp();
    long _beatAt = Stopwatch.GetTimestamp();
    long _accepted;
    long _completed;

    public ReceiverBeat(MessageReceiver receiver, QueueEngine engine, ILogger logger)
    {
        _receiver = receiver;
        _engine = engine;
        // What operators have set is told at once, because somebody may wait for it.
        _receiver.Obeyed += OnObeyed;
        _loop = new BackgroundLoop(TimeSpan.Zero, BeatOnceAsync, static () => ReceiverBook.Interval,
            exception => LogMessages.MaintenanceFailed(logger, receiver.QueueName, exception));
    }

    void OnObeyed() => _loop.Hurry();

    public async ValueTask DisposeAsync()
    {
        _receiver.Obeyed -= OnObeyed;
        await _loop.DisposeAsync().ConfigureAwait(false);
        if (!_engine.Connection.IsConnected)
            return;

        using var bound = new CancellationTokenSource(LeaveTimeout);
        await BeatAsync(default, bound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    Task BeatOnceAsync(CancellationToken cancellationToken) => BeatAsync(Report().Write(), cancellationToken);

    /// <summary>Waits no longer than the token says, also for the answer of a server that has vanished.</summary>
    async Task BeatAsync(ReadOnlyMemory<byte> said, CancellationToken cancellationToken)
    {
        var beat = _engine.BeatAsync(_receiver.Queue.Name, _receiver.Id, said, cancellationToken);
        try
        {
            await beat.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Observes the exception of an abandoned beat, so that it is not reported as unobserved.
            if (!beat.IsCompleted)
                _ = beat.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default);
        }
    }

    ReceiverReport Report()
    {
        var now = Stopwatch.GetTimestamp();
        var seconds = Stopwatch.GetElapsedTime(_beatAt, now).TotalSeconds;
        var accepted = _receiver.Accepted;
        var (held, completed) = _receiver.ReadWindow();
        var (workers, isProcessor) = _receiver.ReadWorkers();
        var report = new ReceiverReport
        {
            Protocol = ReceiverReport.CurrentProtocol,
            Version = Version,
            Host = Environment.MachineName,
            Pod = Environment.GetEnvironmentVariable("POD_NAME"),
            Process = ProcessName,
            ProcessId = Environment.ProcessId,
            Uptime = Stopwatch.GetElapsedTime(_started, now),
            Prefetch = _receiver.Prefetch,
            Held = held,
            // The first beat comes at once: there is no time yet that a rate could be of.
            InRate = seconds < 1 ? 0 : (accepted - _accepted) / seconds,
            OutRate = seconds < 1 ? 0 : (completed - _completed) / seconds,
            ActiveWorkers = workers.Active,
            WorkerLimit = workers.Limit,
            ConfiguredWorkers = workers.Configured,
            WaitingBatches = isProcessor ? workers.Waiting : null,
            ControlVersion = _receiver.ControlVersion,
            MedianLatency = workers.Median,
            Percentile99Latency = workers.Percentile99,
        };
        if (seconds >= 1)
            (_beatAt, _accepted, _completed) = (now, accepted, completed);
        return report;
    }
}
