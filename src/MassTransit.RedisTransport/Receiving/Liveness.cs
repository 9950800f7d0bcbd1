using MassTransit.RedisTransport.Broker.Connections;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Tracks faults that the bus cannot repair by itself: MassTransit has given up its start, or the server refuses the configured
/// credentials, certificate or database. Only a restart of the process helps then, perhaps with another configuration.
/// </summary>
internal sealed class Liveness : IBusObserver
{
    volatile string? _startFault;
    volatile string? _refusal;

    /// <summary>The fault in plain words, with the cure; <c>null</c> if there is none.</summary>
    public string? Problem => _startFault ?? _refusal;

    /// <summary>Called when the server has accepted the configuration.</summary>
    public void IsConnected() => _refusal = null;

    /// <summary>Asks the server why it refuses this client, because the client library only reports that it is not connected.</summary>
    public async Task ProbeAsync(RedisConnectionSettings settings) =>
        _refusal = await ConfigurationProbe.RunAsync(settings).ConfigureAwait(false);

    public void PostCreate(IBus bus)
    {
    }

    public void CreateFaulted(Exception exception)
    {
    }

    public Task PreStart(IBus bus)
    {
        _startFault = null;
        return Task.CompletedTask;
    }

    public Task PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    public Task StartFaulted(IBus bus, Exception exception)
    {
        _startFault = $"MassTransit has given up the start of the bus ({exception.Message}) and does not try again. Restart the process; "
            + "set no StartTimeout, or a longer one, to let it wait for Redis.";
        return Task.CompletedTask;
    }

    public Task PreStop(IBus bus) => Task.CompletedTask;

    public Task PostStop(IBus bus) => Task.CompletedTask;

    public Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;
}
