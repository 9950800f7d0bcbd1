using System.Collections.Concurrent;
using MassTransit.Middleware;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Limits;

public sealed class PartitionTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Messages_of_one_key_are_never_consumed_at_once()
    {
        var inside = new ConcurrentDictionary<int, int>();
        var overlaps = 0;
        var keys = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 64;
            e.UsePartitioner<Work>(new MassTransit.Middleware.Partitioner(8, new Murmur3UnsafeHashGenerator()), KeyOf);
            e.Handler<Work>(async x =>
            {
                if (inside.AddOrUpdate(x.Message.Key, 1, (_, count) => count + 1) > 1)
                    Interlocked.Increment(ref overlaps);
                // Work that leaves its thread: without it an overlap would hardly ever be caught.
                await Task.Delay(1);
                inside.AddOrUpdate(x.Message.Key, 0, (_, count) => count - 1);
                await keys.AddAsync(x.Message.Key);
            });
        }));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 400).Select(i => new Work(i, i % 10)));

        await keys.WaitAsync(400);
        Assert.Equal(0, overlaps);
        Assert.Equal(400, (await bus.DrainedAsync("work")).Completed);
    }

    [Fact]
    public async Task Messages_of_one_key_are_consumed_in_order_where_one_endpoint_takes_them_one_by_one()
    {
        var seen = new Inbox<Work>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 32;
            e.ConcurrentMessageLimit = 1;
            e.UsePartitioner<Work>(new MassTransit.Middleware.Partitioner(4, new Murmur3UnsafeHashGenerator()), KeyOf);
            e.Handler<Work>(x => seen.AddAsync(x.Message));
        }));

        for (var i = 0; i < 120; i++)
            await bus.SendAsync("work", new Work(i, i % 6));

        foreach (var key in (await seen.WaitAsync(120)).GroupBy(x => x.Key))
            Assert.Equal(key.Select(x => x.Id).Order(), key.Select(x => x.Id));
    }

    [Fact]
    public async Task Partition_and_routing_keys_of_the_conventions_reach_the_consumer()
    {
        var keys = new Inbox<(string? Partition, string? Routing, bool HasPartition)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.SendTopology.UsePartitionKeyFormatter<Work>(x => $"key-{x.Message.Key}");
            cfg.SendTopology.UseRoutingKeyFormatter<Work>(x => $"id.{x.Message.Id}");
            cfg.ReceiveEndpoint("work", e => e.Handler<Work>(x =>
                keys.AddAsync((x.PartitionKey(), x.RoutingKey(), x.TryGetPayload<PartitionKeyConsumeContext>(out _)))));
        });

        await bus.SendAsync("work", new Work(5, 3));
        await bus.Bus.Publish(new Work(6, 4));

        Assert.Equal([("key-3", "id.5", true), ("key-4", "id.6", true)], (await keys.WaitAsync(2)).OrderBy(x => x.Item1));
    }

    [Fact]
    public async Task Partition_and_routing_keys_are_set_by_the_sender()
    {
        var keys = new Inbox<(string?, string?)>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Work>(x => keys.AddAsync((x.PartitionKey(), x.RoutingKey())))));

        await bus.SendAsync("work", new Work(1, 1), x =>
        {
            x.SetPartitionKey("tenant-ü");
            x.SetRoutingKey("eu.west");
        });

        Assert.Equal(("tenant-ü", "eu.west"), await keys.SingleAsync());
    }

    static Guid KeyOf(ConsumeContext<Work> context) => new(context.Message.Key, 0, 0, new byte[8]);
}
