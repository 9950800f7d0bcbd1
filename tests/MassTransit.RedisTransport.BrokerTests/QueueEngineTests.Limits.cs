using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_limit_bounds_what_all_receivers_have_leased_together()
    {
        var queue = await NewDeclaredAsync();
        for (var i = 0; i < 20; i++)
            await SendAsync(queue, $"{i}");
        await ChangeAsync(queue, ControlChange.Limit(5));
        LeaseReader one = queue.CreateReader(), other = queue.CreateReader();

        var first = await one.LeaseAsync(3, Lease);
        var second = await other.LeaseAsync(100, Lease);
        Assert.Equal((3, 2, 5), (first.Messages.Length, second.Messages.Length, second.Control.Limit));
        Assert.Empty((await one.LeaseAsync(100, Lease)).Messages);
        Assert.Null((await other.LeaseAsync(100, Lease)).NextDue);

        await queue.SettleAsync(first.Messages[0].Lease);
        var finished = second.Messages.Select(x => new Acknowledgement(x.Lease, new Listener())).ToArray();
        Assert.Equal(["5", "6", "7"], Texts((await other.LeaseAsync(100, Lease, finished)).Messages));
        Assert.Equal((12, 5, false), await FiguresAsync(queue));

        await ChangeAsync(queue, ControlChange.Limit(null));
        Assert.Equal(12, (await one.LeaseAsync(100, Lease)).Messages.Length);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_limit_lets_a_record_of_many_messages_through_as_a_whole()
    {
        var queue = await NewDeclaredAsync();
        for (var i = 0; i < 3; i++)
            await queue.SendAsync(Message($"{i}") with { MessageCount = 100 });
        await ChangeAsync(queue, ControlChange.Limit(150));

        Assert.Equal(["0", "1"], await LeaseTextsAsync(queue));
        Assert.Empty(await LeaseTextsAsync(queue));
        Assert.Equal((100, 200, false), await FiguresAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_rate_bounds_how_many_begin_in_a_second_and_says_when_to_come_again()
    {
        const int rate = 200, messages = 100;
        var queue = await NewDeclaredAsync();
        for (var i = 0; i < messages; i++)
            await SendAsync(queue, $"{i}");
        await ChangeAsync(queue, ControlChange.Rate(rate));
        var reader = queue.CreateReader();

        var started = await reader.LeaseAsync(1_000, Lease);
        var (count, last) = (started.MessageCount, started);
        await Eventually.TrueAsync(async () =>
        {
            last = await reader.LeaseAsync(1_000, Lease);
            count += last.MessageCount;
            if (count < messages)
                Assert.InRange(last.NextDue!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1_000 / rate + 20));
            return count == messages;
        }, message: "all to begin");

        // The bucket holds a tenth of a second's worth. A slow machine takes longer, and never gets more.
        Assert.True(last.ServerTime - started.ServerTime >= (messages - rate / 10 - 1) * 1_000 / rate - 1,
            $"{messages} began within {last.ServerTime - started.ServerTime} ms");
    }

    [SkippableFact]
    public async Task A_record_of_many_messages_is_paid_for_by_the_rate_afterwards()
    {
        var queue = await NewDeclaredAsync();
        for (var i = 0; i < 2; i++)
            await queue.SendAsync(Message($"{i}") with { MessageCount = 250 });
        await ChangeAsync(queue, ControlChange.Rate(10));
        var reader = queue.CreateReader();

        var first = await reader.LeaseAsync(1_000, Lease);
        var second = await reader.LeaseAsync(1_000, Lease);

        Assert.Equal(250, first.MessageCount);
        Assert.Empty(second.Messages);
        Assert.InRange(second.NextDue!.Value, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(25));
    }
}
