using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>A leased message that is to be delivered again later, with a record of its own.</summary>
public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task What_is_put_off_comes_back_when_it_is_due_as_a_message_of_its_own()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("first", 7));
        await queue.ReleaseAsync([Assert.Single(await LeaseAsync(queue)).Lease], TimeSpan.Zero, failedDelivery: true);
        var message = Assert.Single(await LeaseAsync(queue));

        Assert.True(await queue.PutOffAsync(message.Lease, Bytes("again"), TimeSpan.FromMinutes(1)));

        var waiting = Assert.Single(await queue.PeekAsync(MessageState.Delayed, 0, 10));
        var now = (await queue.PageAsync(null, null, 1)).ServerTime;
        Assert.InRange(MessageKey.Epoch.AddMilliseconds(waiting.Score) - now, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.False(await queue.SettleAsync(message.Lease));
        Assert.Empty(await LeaseAsync(queue));
        await EndDelaysAsync(queue);
        var back = Assert.Single(await LeaseAsync(queue));
        Assert.Equal(("again", 7, 0), (Text(back.Record), back.Key.Priority, back.DeliveryCount));
        Assert.True(await queue.SettleAsync(back.Lease));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_repeated_put_off_makes_one_message_and_a_stale_one_none()
    {
        var queue = await SendAsync(NewQueue(), "a");
        var message = Assert.Single(await LeaseAsync(queue));

        var (first, second) =
            await TwiceAsync(ScriptCatalog.PutOff, queue.Keys.All, message.Lease.Member, 60_000, "again", queue.Keys.WakeChannelName);

        Assert.Equal((MoveOutcome.Moved, MoveOutcome.Gone), ((MoveOutcome)(int)first, (MoveOutcome)(int)second));
        Assert.Equal((0, 1, 0), ((await queue.CountAsync()).Ready, (await queue.CountAsync()).Delayed, (await queue.CountAsync()).Leased));

        await EndDelaysAsync(queue);
        var stale = Assert.Single(await LeaseAsync(queue));
        await EndLeasesAsync(queue, stale);
        Assert.Single(await LeaseAsync(queue));
        Assert.False(await queue.PutOffAsync(stale.Lease, Bytes("never"), TimeSpan.FromMinutes(1)));
        await AssertInvariantsAsync(queue);
    }
}
