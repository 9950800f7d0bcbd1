using MassTransit.RedisTransport.Broker.Connections;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// What the bus cannot get over by itself: MassTransit has given its start up, or the server refuses the configured credentials,
/// certificate or database. A restart of the process, perhaps with another configuration, is what is left then.
/// </summary>
internal sealed class Liveness : IBusObserver
{
    volatile string? _startFault;
    volatile string? _refusal;

    /// <summary>In plain words, with the cure; <c>null</c>: nothing.</summary>
    public string? Problem => _startFault ?? _refusal;

    /// <summary>The server takes the configuration.</summary>
    public void IsConnected() => _refusal = null;

    /// <summary>Asks the server what it has against this client: the client itself only says that it is not connected.</summary>
    public async Task ProbeAsync(RedisConnectionSettings settings) => _refusal = await ConfigurationProbe.RunAsync(settings).ConfigureAwait(false);

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
        _startFault = $"MassTransit has given up the start of the bus ({exception.Message}) and does not try again. Restart the process; set no StartTimeout, "
            + "or a longer one, to let it wait for Redis.";
        return Task.CompletedTask;
    }

    public Task PreStop(IBus bus) => Task.CompletedTask;

    public Task PostStop(IBus bus) => Task.CompletedTask;

    public Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;
}
