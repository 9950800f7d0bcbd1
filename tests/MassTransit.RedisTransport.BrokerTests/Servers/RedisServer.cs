using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Servers;

public class RedisServer : BrokerServer
{
    Process? _p;
    int _port;
    protected override string ConnectionString => $"127.0.0.1:{_port}";
    protected override async Task StartAsync()
    {
        var l = new TcpListener(IPAddress.Loopback, 0); l.Start(); _port = ((IPEndPoint)l.LocalEndpoint).Port; l.Stop();
        _p = Process.Start(new ProcessStartInfo("redis-server", ["--port", _port.ToString(), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--enable-debug-command", "yes", "--loglevel", "warning", "--dir", "/tmp"]) { RedirectStandardOutput = true })!;
        for (var i = 0; i < 100; i++)
        {
            try { await using var c = await ConnectionMultiplexer.ConnectAsync(ConnectionString); return; } catch (RedisException) { await Task.Delay(50); }
        }
    }
    protected override Task StopAsync() { _p!.Kill(); _p.WaitForExit(); return Task.CompletedTask; }
}
