using StackExchange.Redis;

namespace MassTransit.Webhooks.Benchmarks.Peers;

/// <summary>
/// The limit: StackExchange.Redis alone, a list, bytes in and bytes out. No lease, no acknowledgement, no priority, no retry: a
/// message is gone when it is fetched.
/// </summary>
internal static class RawRedis
{
    public const string Name = "raw StackExchange.Redis";

    public static async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(servers.Redis.ConfigurationOptions);
        var database = connection.GetDatabase();
        var measurements = new List<Measurement>();
        foreach (var (what, count, run) in ((string, int, Func<RedisKey, int, Task>)[])
        [
            ("enqueue, one awaited", 4_000, OneByOneAsync), ("enqueue, 100 concurrent", 40_000, ConcurrentlyAsync),
            ("enqueue, batches of 1,000", 100_000, InBatchesAsync),
        ])
        {
            RedisKey key = WebhookHost.NewPrefix();
            measurements.Add(new(Name, what, await Rate.MedianAsync(count, x => run(key, x)), "messages/s"));
            await database.KeyDeleteAsync(key);
        }

        RedisKey queue = WebhookHost.NewPrefix();
        measurements.Add(new(Name, "end to end", await Rate.MedianAsync(40_000, async count =>
        {
            var tally = new Tally();
            var done = tally.Expect(count);
            var consuming = ConsumeAsync(queue, tally, count);
            await ConcurrentlyAsync(queue, count);
            await done.WaitAsync(Rate.Patience);
            await consuming;
        }), "messages/s"));
        return measurements;

        async Task OneByOneAsync(RedisKey key, int count)
        {
            for (var id = 0; id < count; id++)
                await database.ListLeftPushAsync(key, Message(id));
        }

        Task ConcurrentlyAsync(RedisKey key, int count) => Task.WhenAll(Enumerable.Range(0, 100).Select(async publisher =>
        {
            for (var id = publisher; id < count; id += 100)
                await database.ListLeftPushAsync(key, Message(id));
        }));

        async Task InBatchesAsync(RedisKey key, int count)
        {
            foreach (var chunk in Enumerable.Range(0, count).Chunk(1_000))
                await database.ListLeftPushAsync(key, Array.ConvertAll(chunk, Message));
        }

        async Task ConsumeAsync(RedisKey key, Tally tally, int count)
        {
            for (var seen = 0; seen < count;)
            {
                var messages = await database.ListRightPopAsync(key, 100) ?? [];
                foreach (var message in messages)
                    tally.Count(BitConverter.ToInt32((byte[])message!));
                seen += messages.Length;
            }
        }
    }

    static RedisValue Message(int id)
    {
        var body = new byte[500];
        BitConverter.TryWriteBytes(body, id);
        return body;
    }
}
