using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>What a waiting message costs in the server's memory above its record, and what the record holds above the body.</summary>
internal sealed class StoredMessage : IScenario
{
    const int Count = 50_000;

    public string Name => "memory";

    public string Description => $"memory of {Count:N0} waiting messages of 500 bytes, and of as many webhooks enqueued together";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var (message, messageRecord) = await MeasureAsync(servers, StoreMessagesAsync);
        var (webhook, webhookRecord) = await MeasureAsync(servers, StoreWebhooksAsync);
        return
        [
            new("in Redis", "per message", message, "bytes"),
            new("record: headers and body", "per message", messageRecord, "bytes"),
            new("overhead above headers and body", "per message", message - messageRecord, "bytes"),
            new("in Redis", "per webhook", webhook, "bytes"),
            new("record: headers and body", "per webhook", webhookRecord, "bytes"),
            new("overhead above headers and body", "per webhook", webhook - webhookRecord, "bytes"),
        ];
    }

    static async Task<(double Used, double Records)> MeasureAsync(Servers servers, Func<Servers, string, Task> store)
    {
        await using var redis = await servers.Redis.ConnectAsync();
        var (server, database) = (redis.GetServers()[0], redis.GetDatabase());
        var prefix = WebhookHost.NewPrefix();
        // What a connection and the scripts take is there before.
        await store(servers, prefix + "-before");
        await servers.ForgetAsync(prefix);
        var before = await UsedAsync(server);
        await store(servers, prefix);
        var used = await UsedAsync(server) - before;

        long records = 0;
        await foreach (var key in server.KeysAsync(pattern: prefix + "*:messages"))
        {
            await foreach (var entry in database.HashScanAsync(key, pageSize: 1_000))
                records += entry.Value.Length();
        }

        await servers.ForgetAsync(prefix);
        return ((double)used / Count, (double)records / Count);
    }

    static async Task StoreMessagesAsync(Servers servers, string prefix)
    {
        using var host = await WebhookHost.StartAsync(servers, _ => { }, prefix: prefix);
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:memory"));
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(1_000))
            await Task.WhenAll(chunk.Select(id => endpoint.Send(new BenchmarkMessage { Id = id, Body = MessageHost.Body })));
        await host.StopAsync();
    }

    static async Task StoreWebhooksAsync(Servers servers, string prefix)
    {
        using (var subscriber = await WebhookHost.StartAsync(servers, w => w.AddProcessor<CountingProcessor>(), prefix: prefix))
            await subscriber.StopAsync();
        using var host = await WebhookHost.StartAsync(servers, _ => { }, prefix: prefix);
        await WebhookHost.EnqueueBatchesAsync(host.Services.GetRequiredService<IWebhookQueue>(), Count);
        await host.StopAsync();
    }

    static async Task<long> UsedAsync(IServer server)
    {
        var memory = (await server.InfoAsync("memory")).SelectMany(x => x).First(x => x.Key == "used_memory").Value;
        return long.Parse(memory, CultureInfo.InvariantCulture);
    }
}
