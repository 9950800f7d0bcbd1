using Hangfire;
using Hangfire.Redis.StackExchange;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Benchmarks.Peers;

/// <summary>Hangfire on the same server, by Hangfire.Redis.StackExchange. It has no batches without a licence.</summary>
internal static class HangfireRedis
{
    public const string Name = "Hangfire";

    static readonly string Body = new('x', 500);
    static Tally _tally = new();

    public static async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(servers.Redis.ConfigurationOptions);
        var measurements = new List<Measurement>();
        {
            var client = new BackgroundJobClient(Storage(connection));
            measurements.Add(
                new(Name, "enqueue, one awaited", await Rate.MedianAsync(1_000, count => EnqueueAsync(client, count)), "jobs/s"));
            measurements.Add(new(Name, "enqueue, 100 concurrent",
                await Rate.MedianAsync(4_000, count => EnqueueConcurrentlyAsync(client, count)), "jobs/s"));
        }

        // A worker is a thread: a thousand of them would be no setting anybody uses.
        foreach (var limit in (int[])[16, 100])
        {
            var storage = Storage(connection);
            var client = new BackgroundJobClient(storage);
            using var server = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = limit }, storage);
            var rate = await Rate.MedianAsync(2_000, async count =>
            {
                var done = _tally.Expect(count);
                await EnqueueConcurrentlyAsync(client, count);
                await done.WaitAsync(Rate.Patience);
            });
            measurements.Add(new(Name, $"end to end, limit {limit}", rate, "jobs/s"));
        }

        return measurements;
    }

    /// <summary>What Hangfire calls.</summary>
#pragma warning disable xUnit1013, CA1707 // Public, as Hangfire asks.
    public static void Process(int id, string body) => _tally.Count(id);
#pragma warning restore xUnit1013, CA1707

    static RedisStorage Storage(ConnectionMultiplexer connection)
    {
        _tally = new Tally();
        return new RedisStorage(connection, new RedisStorageOptions { Prefix = $"{{hangfire-{Guid.NewGuid():N}}}:" });
    }

    static Task EnqueueAsync(BackgroundJobClient client, int count)
    {
        for (var id = 0; id < count; id++)
            Enqueue(client, id, Body);
        return Task.CompletedTask;
    }

    /// <summary>Hangfire's client blocks its thread, so each of the hundred has one.</summary>
    static Task EnqueueConcurrentlyAsync(BackgroundJobClient client, int count) =>
        Task.WhenAll(Enumerable.Range(0, 100).Select(publisher => Task.Factory.StartNew(() =>
        {
            for (var id = publisher; id < count; id += 100)
                Enqueue(client, id, Body);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    static void Enqueue(BackgroundJobClient client, int id, string body) => client.Enqueue(() => Process(id, body));
}
