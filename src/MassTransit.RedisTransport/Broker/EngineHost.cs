using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker.Connections;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// The connection settings of one bus, and its queue engine while the bus runs. Every class that talks to Redis for a bus gets it. A stop
/// disposes the engine, but not this object.
/// </summary>
internal sealed class EngineHost(Func<ILogger> logger)
{
    readonly Lock _gate = new();
    volatile QueueEngine? _running;
    bool _stopped;

    public RedisConnectionSettings Settings { get; } = new();

    public RedisHostAddress Address => Settings.Address;

    /// <summary>What operators have set for the queues that the bus receives from.</summary>
    public ControlBoard Controls { get; } = new();

    /// <summary>The bus's logger, which exists after the bus is built.</summary>
    public ILogger Logger => logger();

    /// <summary>The queue engine if the bus runs; it is not created by this property.</summary>
    public QueueEngine? Running => _running;

    /// <summary>
    /// The queue engine. A new one is created when the bus is started again after a stop, so each send reads this property.
    /// </summary>
    /// <exception cref="RedisTransportException">The bus was stopped. A new connection would never be closed.</exception>
    public QueueEngine Current => _running ?? Make();

    /// <summary>Called when an endpoint is started: the bus runs, for the first time or again.</summary>
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
