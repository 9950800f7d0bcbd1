using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>What an endpoint asks of the server while its queue is empty, by the server's own count of client calls.</summary>
internal sealed class IdleEndpoint : IScenario
{
    static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    public string Name => "idle";

    public string Description => $"commands per second of one idle endpoint, over {Window.TotalSeconds:0} s";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
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
        await Task.Delay(Window);
        var after = await ClientCallsAsync(server);
        await host.StopAsync();

        // Reading the statistics is a call too.
        return [new Measurement("one endpoint", "empty queue", (after - before - 1) / Window.TotalSeconds, "calls/s")];
    }

    /// <summary>Calls of clients: scripts count once, what they call inside does not.</summary>
    static async Task<long> ClientCallsAsync(IServer server)
    {
        long calls = 0;
        foreach (var entry in (await server.InfoAsync("commandstats")).SelectMany(x => x))
        {
            var command = entry.Key.Replace("cmdstat_", "", StringComparison.Ordinal);
            if (command is "evalsha" or "eval" or "ping" or "info" or "subscribe" or "smembers" or "sadd" or "get")
                calls += long.Parse(entry.Value.Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture);
        }

        return calls;
    }
}
