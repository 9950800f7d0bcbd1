using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>A server whose process the tests own: found on the PATH, else run in a container.</summary>
public abstract class ManagedServer : TestServer
{
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    const int PortAttempts = 5;

    readonly int _wantedPort;
    ServerInstance? _instance;

    protected ManagedServer(string name, int port) : base(name)
    {
        _wantedPort = port;
        Folder = new TempFolder(name);
    }

    public int Port { get; private set; }

    /// <summary>What the server last printed.</summary>
    public string Output => _instance?.Output ?? "";

    public override long MemoryBytes => Running.MemoryBytes;

    protected TempFolder Folder { get; }

    /// <summary>The longest that a start may take.</summary>
    protected virtual TimeSpan StartLimit => TimeSpan.FromSeconds(30);

    /// <summary>Why this machine cannot run the server, or <c>null</c>.</summary>
    protected abstract string? Missing();

    internal abstract Task<ServerInstance> LaunchAsync();

    protected abstract Task<bool> IsReadyAsync();

    ServerInstance Running => _instance ?? throw new InvalidOperationException($"{Name} is not running.");

    public override async Task StartAsync()
    {
        if (Missing() is { } missing)
        {
            Reason = missing;
            return;
        }

        for (var attempt = 1; ; attempt++)
        {
            Port = _wantedPort != 0 ? _wantedPort : FreePort.Next();
            if (await TryLaunchAsync(isLast: _wantedPort != 0 || attempt == PortAttempts))
                break;
        }

        IsAvailable = true;
        Reason = "";
    }

    public override Task StopAsync() => Running.StopAsync(StopLimit);

    public override Task KillAsync() => Running.KillAsync();

    public override async Task RestartAsync()
    {
        await Running.StopAsync(StopLimit);
        Running.Dispose();
        await TryLaunchAsync(isLast: true);
    }

    public override void Suspend() => Running.Suspend();

    public override void Resume() => Running.Resume();

    public override ValueTask DisposeAsync()
    {
        _instance?.Dispose();
        _instance = null;
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    async Task<bool> TryLaunchAsync(bool isLast)
    {
        var instance = _instance = await LaunchAsync();
        var deadline = DateTime.UtcNow + StartLimit;
        // The instance must live: another server may have taken the port, and would answer in its place.
        while (!instance.HasExited && DateTime.UtcNow < deadline)
        {
            if (await IsReadyAsync() && !instance.HasExited)
                return true;
            await Task.Delay(30);
        }

        var why = instance.HasExited ? "ended" : $"did not answer within {StartLimit.TotalSeconds} s";
        var output = instance.Output;
        instance.Dispose();
        _instance = null;
        return isLast ? throw new InvalidOperationException($"{Name} on port {Port} {why}:\n{output}") : false;
    }
}
