using StackExchange.Redis;
using Xunit;

namespace MassTransit.RedisTransport.Testing;

/// <summary>
/// A server that tests run on, usable as an xunit fixture. Where it cannot be had, <see cref="IsAvailable"/> is false and
/// <see cref="SkipIfUnavailable"/> reports the test as skipped, with the reason.
/// </summary>
public abstract class TestServer : IAsyncLifetime, IAsyncDisposable
{
    protected TestServer(string name) => Name = name;

    public string Name { get; }

    /// <summary>True once the server has been started.</summary>
    public bool IsAvailable { get; protected set; }

    /// <summary>Why the server is not available.</summary>
    public string Reason { get; protected set; } = "not started";

    /// <summary>True for a server that the tests only use: it cannot be killed, suspended or restarted.</summary>
    public bool IsExternal { get; protected set; }

    /// <summary>What a client connects with.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>What a Redis client connects with; a new object at each call, to be changed at will.</summary>
    public virtual ConfigurationOptions ConfigurationOptions
    {
        get
        {
            var options = ConfigurationOptions.Parse(ConnectionString);
            options.AbortOnConnectFail = false;
            options.AllowAdmin = true;
            return options;
        }
    }

    /// <summary>Resident memory of the server's process, bytes.</summary>
    public virtual long MemoryBytes => throw NotSupported("measured");

    /// <summary>Starts the server, or sets <see cref="Reason"/>.</summary>
    public abstract Task StartAsync();

    /// <summary>Asks the server to stop, as an operator does.</summary>
    public virtual Task StopAsync() => throw NotSupported("stopped");

    /// <summary>Ends the server with SIGKILL, as a crash does.</summary>
    public virtual Task KillAsync() => throw NotSupported("killed");

    /// <summary>Starts a stopped or killed server again, or restarts a running one: same port, same data folder.</summary>
    public virtual Task RestartAsync() => throw NotSupported("restarted");

    /// <summary>Stops the process where it stands (SIGSTOP): connections stay open, nothing answers.</summary>
    public virtual void Suspend() => throw NotSupported("suspended");

    /// <summary>Lets a suspended process go on (SIGCONT).</summary>
    public virtual void Resume() => throw NotSupported("resumed");

    public abstract ValueTask DisposeAsync();

    /// <summary>Reports the running test (a <c>SkippableFact</c>) as skipped unless the server is there.</summary>
    public void SkipIfUnavailable() => Skip.IfNot(IsAvailable, $"{Name}: {Reason}");

    /// <summary>Reports the running test as skipped unless the server is there and may be killed and restarted.</summary>
    public void SkipIfNotControllable()
    {
        SkipIfUnavailable();
        Skip.If(IsExternal, $"{Name}: given from outside, may not be killed");
    }

    /// <summary>Connects, administration commands allowed.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConfigurationOptions);

    async Task IAsyncLifetime.InitializeAsync() => await StartAsync();

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    NotSupportedException NotSupported(string what) => new($"{Name} cannot be {what}.");
}
