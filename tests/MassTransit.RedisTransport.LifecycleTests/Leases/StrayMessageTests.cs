using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

/// <summary>
/// What others have done to a queue's records, as an operator meets it: each ends in the error queue, says why, and goes back when it can
/// be read.
/// </summary>
public sealed class StrayMessageTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Stray_and_damaged_records_are_dead_letters_with_their_reasons_and_consumed_when_they_are_replayed_and_can_be_read()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("stray");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
        {
            for (var i = 1; i <= 4; i++)
                await sender.SendAsync("orders", new Ping(i));
        }

        // The second falls out of its set, the third is damaged for good, and the fourth was written by somebody with a key of his own.
        var keys = server.Keys("orders");
        var members = await server.Database.SortedSetRangeByRankAsync(keys.Ready);
        var second = (byte[])(await server.Database.HashGetAsync(keys.Messages, members[1]))!;
        Assert.True(MessageRecord.TryParse(second, out var record));
        Assert.True(await server.Database.SortedSetRemoveAsync(keys.Ready, members[1]));
        byte[] damaged = [9, 0, 255, 1, 2, 3];
        await server.Database.HashSetAsync(keys.Messages, members[2], damaged);
        var fourth = await server.Database.HashGetAsync(keys.Messages, members[3]);
        await server.Database.HashDeleteAsync(keys.Messages, members[3]);
        await server.Database.SortedSetRemoveAsync(keys.Ready, members[3]);
        await server.Database.HashSetAsync(keys.Messages, "somebody's", fourth);

        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = prefix;
            x.Register = r => r.AddRedisQueues();
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await Eventually.TrueAsync(async () => (await letters.ListAsync("orders_error")).Entries.Count == 3,
            message: "all three to be dead");
        await server.EmptyAsync("orders");
        Assert.Equal([1], received.Items);

        var dead = (await letters.ListAsync("orders_error")).Entries;
        Assert.All(dead, x => Assert.Equal(("orders_error", "orders"), (x.Queue, x.OriginalQueue)));
        var stray = Assert.Single(dead, x => x.MessageId == record!.MessageId);
        Assert.Equal(("stray", true), (stray.Reason, stray.IsReadable));
        Assert.Contains("in none of the queue's sets", stray.FaultMessage, StringComparison.Ordinal);
        Assert.Equal(record!.Body.ToArray(), stray.Body.ToArray());
        var unreadable = Assert.Single(dead, x => x.Reason == "unreadable");
        Assert.False(unreadable.IsReadable);
        Assert.Contains("damaged", unreadable.FaultMessage, StringComparison.Ordinal);
        Assert.Equal(damaged, unreadable.Body.ToArray());
        Assert.Equal(2, dead.Count(x => x.Reason == "stray"));

        Assert.Equal(3, await letters.ReplayAllAsync("orders_error"));
        await received.WaitAsync(3);
        await server.EmptyAsync("orders");
        Assert.Equal([1, 2, 4], received.Items.Order());
        // What cannot be read comes back as it was.
        await Eventually.TrueAsync(async () => (await letters.ListAsync("orders_error")).Entries is [{ Reason: "unreadable" } x]
            && x.Body.Span.SequenceEqual(damaged),
            message: "the damaged one to be dead again");
        Assert.Equal(1, await letters.PurgeAllAsync("orders_error"));
    }
}
