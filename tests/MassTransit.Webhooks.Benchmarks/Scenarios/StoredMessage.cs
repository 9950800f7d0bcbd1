using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>What a waiting message costs in the server's memory above its record, and what the record holds above the body.</summary>
internal sealed class StoredMessage : IScenario
{
    const int Count = 50_000;

    public string Name => "memory";

    public string Description => $"memory of {Count:N0} waiting messages of 500 bytes";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(x => Transport.OnRedis(servers).Configure(x, (_, _) => { }));
        using var host = builder.Build();
        await host.StartAsync();
        await using var redis = await servers.Redis.ConnectAsync();
        var server = redis.GetServers()[0];

        var before = await UsedAsync(server);
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:memory"));
        long body = 0;
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(1_000))
        {
            await Task.WhenAll(chunk.Select(async id =>
            {
                SendContext? sent = null;
                await endpoint.Send(new BenchmarkMessage { Id = id, Body = new string('x', 500) }, x => sent = x);
                Interlocked.Add(ref body, sent?.BodyLength ?? 0);
            }));
        }

        var used = await UsedAsync(server) - before;
        await host.StopAsync();
        return
        [
            new Measurement("in Redis", "per message", (double)used / Count, "bytes"),
            new Measurement("serialized body", "per message", (double)body / Count, "bytes"),
            new Measurement("overhead above the body", "per message", (double)(used - body) / Count, "bytes"),
        ];
    }

    static async Task<long> UsedAsync(IServer server)
    {
        var memory = (await server.InfoAsync("memory")).SelectMany(x => x).First(x => x.Key == "used_memory").Value;
        return long.Parse(memory, CultureInfo.InvariantCulture);
    }
}
