using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Records that hold many messages.</summary>
public abstract partial class QueueEngineTests
{
    static OutgoingMessage Packed(string text, int messages, byte priority = 0) =>
        new(Encoding.UTF8.GetBytes(text), priority, MessageCount: messages);

    [SkippableFact]
    public async Task A_record_counts_as_the_messages_it_holds()
    {
        var queue = NewQueue();
        await queue.SendAsync(Packed("hundred", 100));
        await queue.SendAsync(Packed("most", 256));
        await queue.SendAsync(Message("one"));
        var sent = await queue.CountAsync();
        Assert.Equal((357, 3, 357), (sent.Ready, sent.Records, sent.Sent));

        var first = Assert.Single(await LeaseAsync(queue, 100));
        var leased = await queue.CountAsync();
        Assert.Equal((257, 100), (leased.Ready, leased.Leased));
        await AssertInvariantsAsync(queue);

        Assert.True(await queue.SettleAsync(first.Lease));
        var settled = await queue.CountAsync();
        Assert.Equal((257, 0, 100), (settled.Ready, settled.Leased, settled.Completed));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_lease_is_filled_by_messages_and_takes_a_record_whole()
    {
        var queue = NewQueue();
        foreach (var text in (string[])["a", "b", "c", "d"])
            await queue.SendAsync(Packed(text, 100));
        var lane = queue.CreateReader();

        var one = await lane.LeaseAsync(1, Lease);
        var two = await lane.LeaseAsync(101, Lease);
        var rest = await lane.LeaseAsync(5_000, Lease);

        Assert.Equal(["a"], Texts(one.Messages));
        Assert.Equal(["b", "c"], Texts(two.Messages));
        Assert.Equal(["d"], Texts(rest.Messages));
        Assert.Equal((100, 200, 100), (one.MessageCount, two.MessageCount, rest.MessageCount));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task What_comes_back_goes_and_moves_is_counted_whole()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        await queue.SendAsync(Packed("hundred", 100, 7));

        var leased = Assert.Single(await LeaseAsync(queue));
        await EndLeasesAsync(queue, leased);
        leased = Assert.Single(await LeaseAsync(queue));
        Assert.Equal(100, (await queue.CountAsync()).Reclaimed);
        await queue.ReleaseAsync([leased.Lease], TimeSpan.Zero, failedDelivery: false);
        Assert.Equal(100, (await queue.CountAsync()).Ready);
        leased = Assert.Single(await LeaseAsync(queue));
        Assert.True(await queue.MoveAsync(leased.Lease, error, "dead"u8.ToArray()));
        Assert.Equal((0, 100), ((await queue.CountAsync()).Leased, (await error.CountAsync()).Ready));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);

        var dead = Assert.Single(await error.PeekAsync(MessageState.Ready, 0, 10));
        Assert.Equal(100, await error.RequeueAsync(queue, [KeyValuePair.Create(dead.Key, (ReadOnlyMemory<byte>)"alive"u8.ToArray())]));
        Assert.Equal((100, 0), ((await queue.CountAsync()).Ready, (await error.CountAsync()).Ready));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);

        Assert.Equal(100, await queue.PurgeAsync());
        var purged = await queue.CountAsync();
        Assert.Equal((0, 100), (purged.Ready, purged.Removed));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Every_figure_counts_messages_wherever_their_records_are()
    {
        var queue = NewQueue();
        await queue.SendAsync(Packed("ready", 10) with { CancelToken = "ready" });
        await queue.SendAsync(Packed("delayed", 20) with { Delay = Lease, CancelToken = "delayed" });
        await queue.SendAsync(Packed("leased", 40, 9));
        await queue.SendAsync(Packed("put off", 80, 8));
        var leased = await LeaseAsync(queue, 120);
        Assert.Equal([40, 80], leased.Select(x => x.Lease.MessageCount));
        await AssertFiguresAsync(10, 20, 120);

        Assert.True(await queue.PutOffAsync(leased[1].Lease, Bytes("later"), Lease));
        await AssertFiguresAsync(10, 100, 40);
        Assert.Empty(await queue.ReleaseAsync([leased[0].Lease], Lease, failedDelivery: false));
        await AssertFiguresAsync(10, 140, 0);

        await EndDelaysAsync(queue);
        var all = await LeaseAsync(queue);
        await AssertFiguresAsync(0, 0, 150);
        await EndLeasesAsync(queue, all);
        Assert.Equal(150, (await queue.CreateReader().LeaseAsync(1, Lease)).Reclaimed);
        await AssertFiguresAsync(110, 0, 40);
        Assert.True(await queue.CancelAsync("ready"));
        await AssertFiguresAsync(100, 0, 40);
        Assert.Equal(10, (await queue.CountAsync()).Cancelled);

        var delayed = (await queue.PeekAsync(MessageState.Ready, 0, 10)).Select(x => x.Key).ToArray();
        Assert.Equal(100, await queue.RemoveAsync(delayed));
        await queue.SendAsync(Packed("delayed", 5) with { Delay = Lease });
        Assert.Equal(5, await queue.PurgeAsync());
        await AssertFiguresAsync(0, 0, 40);

        async Task AssertFiguresAsync(long ready, long delayed, long leased)
        {
            var counts = await queue.CountAsync();
            Assert.Equal((ready, delayed, leased), (counts.Ready, counts.Delayed, counts.Leased));
            var measure = await queue.MeasureAsync();
            Assert.Equal((ready, delayed, leased), (measure.Ready, measure.Delayed, measure.Leased));
            await AssertInvariantsAsync(queue);
        }
    }

    [SkippableFact]
    public async Task Parts_take_the_place_the_priority_and_the_lease_of_what_is_split()
    {
        var queue = NewQueue();
        await queue.SendAsync(Packed("whole", 5, 9));
        await queue.SendAsync(Message("later", 9));
        await queue.ReleaseAsync([Assert.Single(await LeaseAsync(queue, 1)).Lease], TimeSpan.Zero, failedDelivery: true);
        var whole = Assert.Single(await LeaseAsync(queue, 1));

        var parts = await queue.SplitAsync(whole, Lease, [Bytes("x"), Bytes("y")]);

        Assert.NotNull(parts);
        Assert.Equal([1, 1], parts.Select(x => x.DeliveryCount));
        var counts = await queue.CountAsync();
        Assert.Equal((1, 2, 3), (counts.Ready, counts.Leased, counts.Completed));
        await AssertInvariantsAsync(queue);
        Assert.False(await queue.SettleAsync(whole.Lease));

        Assert.True(await queue.SettleAsync(parts[1].Lease));
        await queue.ReleaseAsync([parts[0].Lease], TimeSpan.Zero, failedDelivery: false);
        var back = await LeaseAsync(queue);
        Assert.Equal(["x", "later"], Texts(back));
        Assert.Equal([9, 9], back.Select(x => (int)x.Key.Priority));
        Assert.Equal([1, 0], back.Select(x => x.DeliveryCount));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_repeated_split_finds_the_parts_it_has_made()
    {
        var queue = NewQueue();
        await queue.SendAsync(Packed("whole", 3));
        var whole = Assert.Single(await LeaseAsync(queue));

        var (first, second) = await TwiceAsync(ScriptCatalog.Split, queue.Keys.All, whole.Lease.Member, 60_000, 100, "x", "y");

        Assert.Equal(1, (int)((RedisResult[])first!)[0]);
        Assert.Equal(((RedisResult[])((RedisResult[])first!)[1]!).Select(x => x.ToString()),
            ((RedisResult[])((RedisResult[])second!)[1]!).Select(x => x.ToString()));
        Assert.Equal((2, 1), ((await queue.CountAsync()).Leased, (await queue.CountAsync()).Completed));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task What_another_owner_holds_is_not_split()
    {
        var queue = NewQueue();
        await queue.SendAsync(Packed("whole", 3));
        var stale = Assert.Single(await LeaseAsync(queue));
        await EndLeasesAsync(queue, stale);
        var owner = Assert.Single(await LeaseAsync(queue));

        Assert.Null(await queue.SplitAsync(stale, Lease, [Bytes("x")]));

        Assert.Equal(3, (await queue.CountAsync()).Leased);
        Assert.True(await queue.SettleAsync(owner.Lease));
        await AssertInvariantsAsync(queue);
    }

    static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
