namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>One running server, whether a process of this machine or a container.</summary>
abstract class ServerInstance : IDisposable
{
    public abstract bool HasExited { get; }

    public abstract long MemoryBytes { get; }

    /// <summary>The last lines that the server printed.</summary>
    public abstract string Output { get; }

    public abstract Task KillAsync();

    public abstract Task StopAsync(TimeSpan limit);

    public abstract void Suspend();

    public abstract void Resume();

    public abstract void Dispose();
}
