using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>What an endpoint asks of the server while its queue is empty, by the server's own count of client calls.</summary>
internal sealed class IdleEndpoint : IScenario
{
    static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    public string Name => "idle";

    public string Description => $"commands per second of one idle endpoint, over {Window.TotalSeconds:0} s, and the process's CPU";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var (calls, cpu) = await MeasureAsync(servers);
        return [new("one endpoint", "empty queue", calls, "calls/s"),
            new("one endpoint", "empty queue, CPU of the process", cpu, "% of a core")];
    }

    static async Task<(double Calls, double Cpu)> MeasureAsync(Servers servers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddSingleton<Tally>();
        builder.Services.AddMassTransit(x =>
        {
            x.AddConsumer<SingleConsumer>();
            Transport.OnRedis(servers).Configure(x, (context, e) => e.ConfigureConsumer<SingleConsumer>(context));
        });
        using var host = builder.Build();
        await host.StartAsync();

        await using var redis = await servers.Redis.ConnectAsync();
        var server = redis.GetServers()[0];
        await Task.Delay(Settle);
        var before = await ClientCallsAsync(server);
        var cpu = Environment.CpuUsage.TotalTime;
        await Task.Delay(Window);
        var used = Environment.CpuUsage.TotalTime - cpu;
        var after = await ClientCallsAsync(server);
        await host.StopAsync();

        // Reading the statistics is a call too.
        return ((after - before - 1) / Window.TotalSeconds, used / Window * 100);
    }

    /// <summary>Calls of clients: scripts count once, what they call inside does not.</summary>
    static Task<long> ClientCallsAsync(IServer server) =>
        CommandCounts.SumAsync(server.Multiplexer, "evalsha", "eval", "ping", "info", "subscribe", "smembers", "sadd", "get");
}
