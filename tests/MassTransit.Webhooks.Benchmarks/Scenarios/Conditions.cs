using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// The same work under other conditions, as a ratio to none of them: ten priorities in use, an append-only file synced every second or at
/// every write, the embedded server instead of Redis.
/// </summary>
internal sealed class Conditions : IScenario
{
    const int Limit = 100;
    const int Messages = 30_000;
    const int Hooks = 100_000;
    const string Plain = "plain Redis";

    public string Name => "conditions";

    public string Description =>
        "priorities, append-only files, the embedded server: IConsumer<T> at limit 100, and IWebhookProcessor, 500-byte bodies";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        await MeasureAsync(Plain, servers.Redis.ConnectionString);
        await MeasureAsync("ten priorities", servers.Redis.ConnectionString, prioritized: true);
        foreach (var fsync in (string[])["everysec", "always"])
        {
            await using var server = new RedisServerProcess(new RedisServerOptions { AppendFsync = fsync });
            await server.StartAsync();
            await MeasureAsync($"append-only file, {fsync}", server.ConnectionString);
        }

        await using var embedded = new EmbeddedServer();
        await embedded.StartAsync();
        await MeasureAsync("embedded server", embedded.ConnectionString);
        return [.. measurements.Select(x => x.Subject == Plain ? x : x with { Peer = Plain })];

        static void Prioritize(SendContext context, int id) => context.SetRedisPriority((byte)(id % 10));

        async Task MeasureAsync(string condition, string server, bool prioritized = false)
        {
            Progress.Say($"{condition}: IConsumer<T>");
            using (var host = await MessageHost.StartAsync(Transport.OnRedis(server), Limit))
            {
                var rate = await Rate.MedianAsync(Messages, count => MessageHost.RoundAsync(host, count, prioritized ? Prioritize : null));
                measurements.Add(new(condition, "IConsumer<T>, limit 100", rate, "messages/s"));
                await host.StopAsync();
            }

            Progress.Say($"{condition}: IWebhookProcessor");
            using var webhooks = await WebhookHost.StartAsync(server, w => w.AddProcessor<CountingProcessor>());
            measurements.Add(new(condition, "IWebhookProcessor, batches of 1,000 enqueued",
                await Rate.MedianAsync(Hooks, count => WebhookHost.RoundAsync(webhooks, count, async (queue, x) =>
            {
                var priority = 0;
                foreach (var batch in WebhookHost.Webhooks(x).Chunk(1_000))
                    await queue.EnqueueBatchAsync(batch, prioritized ? priority++ % 10 : 0);
            })), "webhooks/s"));
            await webhooks.StopAsync();
        }
    }
}
