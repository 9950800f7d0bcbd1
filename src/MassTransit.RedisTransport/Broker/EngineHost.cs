using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker.Connections;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// One bus's connection settings, and its queue engine while the bus runs: what everybody is given who talks to Redis for a bus.
/// The engine outlives no stop, what holds on to this does.
/// </summary>
internal sealed class EngineHost(Func<ILogger> logger)
{
    readonly Lock _gate = new();
    volatile QueueEngine? _running;
    bool _stopped;

    public RedisConnectionSettings Settings { get; } = new();

    public RedisHostAddress Address => Settings.Address;

    /// <summary>The bus's own, which it has once it is built.</summary>
    public ILogger Logger => logger();

    /// <summary>The queue engine if the bus runs: looking does not make one.</summary>
    public QueueEngine? Running => _running;

    /// <summary>The queue engine, made anew when the bus is started again after a stop. Asked for by every send.</summary>
    /// <exception cref="RedisTransportException">The bus was stopped: nobody would close another connection.</exception>
    public QueueEngine Current => _running ?? Make();

    /// <summary>An endpoint is started: the bus runs, for the first time or again.</summary>
    public void Open()
    {
        lock (_gate)
            _stopped = false;
    }

    public async Task CloseAsync()
    {
        QueueEngine? running;
        lock (_gate)
        {
            running = _running;
            _running = null;
            _stopped = true;
        }

        if (running is not null)
            await running.DisposeAsync().ConfigureAwait(false);
    }

    QueueEngine Make()
    {
        lock (_gate)
        {
            if (_running is null && _stopped)
                throw RedisConnection.Stopped();
            return _running ??= new QueueEngine(Settings, Logger);
        }
    }
}
