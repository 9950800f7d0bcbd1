using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Embedded;

namespace MassTransit.RedisTransport.Testing;

/// <summary>The embedded server, in the tests' own process: always there, cannot be suspended.</summary>
public sealed class EmbeddedServer : TestServer
{
    readonly TempFolder? _folder;
    int _port;
    EmbeddedRedis? _server;

    public EmbeddedServer() : this(keepData: false)
    {
    }

    /// <param name="keepData">Whether the data is still there after a restart.</param>
    public EmbeddedServer(bool keepData) : base("embedded") => _folder = keepData ? new TempFolder("embedded") : null;

    public override string ConnectionString => $"127.0.0.1:{_port}";

    public override async Task StartAsync()
    {
        // Below the range of outgoing connections, so that a restart finds its port free.
        if (_port == 0)
            _port = FreePort.Next();
        _server = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Port = _port, Password = "", DataFolder = _folder?.Path });
        IsAvailable = true;
        Reason = "";
    }

    public override async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public override Task KillAsync() => StopAsync();

    public override async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder?.Dispose();
    }
}
