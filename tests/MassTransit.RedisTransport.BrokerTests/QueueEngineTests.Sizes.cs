using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>No reply is longer than a bound, whatever lies in a queue.</summary>
public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_lease_ends_before_its_reply_is_too_long_and_what_is_left_keeps_its_place()
    {
        var queue = NewQueue();
        for (var i = 0; i < 8; i++)
            await queue.SendAsync(new OutgoingMessage(Filled((byte)i, 200_000), MessageCount: 4));
        var lane = queue.CreateReader();

        var received = new List<byte>();
        for (var calls = 0; received.Count < 8; calls++)
        {
            Assert.InRange(calls, 0, 7);
            var result = await lane.LeaseAsync(5_000, Lease);
            Assert.InRange(result.Messages.Sum(x => x.Record!.Value.Length), 1, ReplyBudget.Most);
            // There is more: the receiver must not go to sleep, also where it asked for more than it got.
            Assert.True(received.Count + result.Messages.Length == 8 || result.NextDue == TimeSpan.Zero, $"next due {result.NextDue}");
            received.AddRange(result.Messages.Select(x => x.Record!.Value.Span[0]));
            await AssertInvariantsAsync(queue);
        }

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], received);
    }

    [SkippableFact]
    public async Task Messages_of_a_common_size_still_share_one_call()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(x => queue.SendAsync(new OutgoingMessage(Filled((byte)x, 1_000)))));

        Assert.Equal(500, (await LeaseAsync(queue)).Length);
    }

    [SkippableTheory]
    [InlineData(ReplyBudget.Most)]
    [InlineData(ReplyBudget.Most + 1)]
    [InlineData(3 * 1024 * 1024 + 7)]
    public async Task A_message_longer_than_a_reply_comes_alone_and_whole(int length)
    {
        var queue = NewQueue();
        var record = new byte[length];
        Random.Shared.NextBytes(record);
        await queue.SendAsync(new OutgoingMessage(record, Priority: 9));
        await SendAsync(queue, "small");
        var lane = queue.CreateReader();

        var first = await NextAsync(lane);
        var second = await NextAsync(lane);

        Assert.True(Assert.Single(first).Record!.Value.Span.SequenceEqual(record));
        Assert.Equal(["small"], Texts(second));
        Assert.True(await queue.SettleAsync(first[0].Lease));
        Assert.True(await queue.SettleAsync(second[0].Lease));
        Assert.Empty(lane.Held);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task What_was_leased_and_has_not_come_can_be_given_back()
    {
        var queue = NewQueue();
        await queue.SendAsync(new OutgoingMessage(new byte[ReplyBudget.Most * 2]));
        var lane = queue.CreateReader();

        Assert.Empty((await lane.LeaseAsync(1, Lease)).Messages);

        Assert.Empty(await queue.ReleaseAsync(lane.Held, TimeSpan.Zero, failedDelivery: false));
        Assert.Equal((1, 0), ((await queue.CountAsync()).Ready, (await queue.CountAsync()).Leased));
    }

    [SkippableFact]
    public async Task A_long_message_that_another_owner_has_taken_meanwhile_is_passed_over()
    {
        var queue = NewQueue();
        await queue.SendAsync(new OutgoingMessage(new byte[ReplyBudget.Most * 2]));
        var lane = queue.CreateReader();
        Assert.Empty((await lane.LeaseAsync(1, TimeSpan.Zero)).Messages);
        Assert.Empty((await queue.CreateReader().LeaseAsync(1, Lease)).Messages);

        Assert.Empty((await lane.LeaseAsync(1, TimeSpan.Zero)).Messages);

        Assert.Empty(lane.Held);
    }

    [SkippableFact]
    public async Task Peek_page_and_read_bring_everything_in_bounded_replies()
    {
        var queue = NewQueue();
        int[] lengths = [10, 300_000, 300_000, ReplyBudget.Most + 1, 5, ReplyBudget.Most * 3, 20];
        for (var i = 0; i < lengths.Length; i++)
            await queue.SendAsync(new OutgoingMessage(Filled((byte)i, lengths[i])));

        var peeked = await queue.PeekAsync(MessageState.Ready, 0, 100);
        Assert.Equal(lengths, peeked.Select(x => x.Record!.Value.Length));
        Assert.Equal(lengths[2..4], (await queue.PeekAsync(MessageState.Ready, 2, 2)).Select(x => x.Record!.Value.Length));
        var read = new List<WaitingMessage>();
        await foreach (var step in queue.ReadAsync([.. peeked.Select(x => x.Key)]))
            read.AddRange(step);
        Assert.Equal(lengths, read.Select(x => x.Record!.Value.Length));
        var paged = new List<WaitingMessage>();
        for (var page = await queue.PageAsync(null, null, 100); ; page = await queue.PageAsync(paged[^1].Score, paged[^1].Key, 100))
        {
            paged.AddRange(page.Messages);
            if (!page.HasMore)
                break;
        }

        Assert.Equal(lengths, paged.Select(x => x.Record!.Value.Length));
        Assert.All(peeked.Select(x => x.Record).Concat(read.Select(x => x.Record)).Concat(paged.Select(x => x.Record))
            .Chunk(lengths.Length),
            x => Assert.Equal(Enumerable.Range(0, lengths.Length), x.Select(y => (int)y!.Value.Span[^1])));
    }

    [SkippableTheory]
    [InlineData("lease")]
    [InlineData("peek")]
    [InlineData("page")]
    [InlineData("read")]
    [InlineData("fetch")]
    [InlineData("recover")]
    public async Task No_script_answers_with_more_bytes_of_records_than_it_may(string name)
    {
        const int budget = 1_000;
        var queue = NewQueue();
        foreach (var length in (int[])[300, 300, 300, 300, 1_001, 50, 4_000])
            await queue.SendAsync(new OutgoingMessage(new byte[length]));
        var keys = (await queue.PeekAsync(MessageState.Ready, 0, 100)).Select(x => (RedisValue)x.Key).ToArray();

        for (var from = 0; from < keys.Length; from++)
        {
            var (script, values) = name switch
            {
                "lease" => (ScriptCatalog.Lease, [$"t{from}", 100, 60_000, "c", budget]),
                "peek" => (ScriptCatalog.Peek, [1, from, 100, budget]),
                "page" => (ScriptCatalog.Page, ["-inf", keys[from], 100, budget]),
                "read" => (ScriptCatalog.Read, [budget, .. keys[from..]]),
                "fetch" => (ScriptCatalog.Fetch, [budget, 0, .. keys[from..]]),
                _ => (ScriptCatalog.Recover, (RedisValue[])["t", 0, 0]),
            };
            var reply = await new ScriptCaller(Engine.Connection).RunAsync(script, queue.Keys.All, values);
            // Keys and numbers, of which there are fewer than a kilobyte here, and records.
            Assert.InRange(Bytes(reply), 0, budget + 1_000);
        }

        static int Bytes(RedisResult result) => result.Resp2Type switch
        {
            ResultType.Array => ((RedisResult[])result!).Sum(Bytes),
            ResultType.BulkString => result.IsNull ? 0 : ((byte[])result!).Length,
            _ => 0,
        };
    }

    static async Task<LeasedMessage[]> NextAsync(LeaseReader lane)
    {
        for (var calls = 0; calls < 50; calls++)
        {
            var result = await lane.LeaseAsync(10, Lease);
            if (result.Messages.Length > 0)
                return result.Messages;
            Assert.Equal(TimeSpan.Zero, result.NextDue);
        }

        return [];
    }

    static byte[] Filled(byte value, int length)
    {
        var record = new byte[length];
        Array.Fill(record, value);
        return record;
    }
}
