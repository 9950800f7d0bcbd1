using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    /// <summary>A consumer froze past its lease; what has become of its message meanwhile.</summary>
    public enum Meanwhile
    {
        Waiting,
        LeasedToAnother,
        SettledByAnother,
        MovedByAnother,
        ReleasedWithDelay,
    }

    [SkippableTheory]
    [InlineData(Meanwhile.Waiting)]
    [InlineData(Meanwhile.LeasedToAnother)]
    [InlineData(Meanwhile.SettledByAnother)]
    [InlineData(Meanwhile.MovedByAnother)]
    [InlineData(Meanwhile.ReleasedWithDelay)]
    public async Task A_stale_owner_is_refused_told_so_and_changes_nothing(Meanwhile meanwhile)
    {
        var queue = await SendAsync(NewQueue(), "m");
        var error = Engine.Queue(queue.Name + "_error");
        var stale = Assert.Single(await LeaseAsync(queue));
        await LoseAsync(queue, stale, meanwhile);
        var before = await SnapshotAsync(queue, error);

        Assert.False(await queue.SettleAsync(stale.Lease));
        Assert.Equal(Lost(0), await queue.RenewAsync([stale.Lease], Lease));
        Assert.Equal(Lost(0), await queue.ReleaseAsync([stale.Lease], TimeSpan.Zero, failedDelivery: true));
        Assert.Equal(Lost(0), await queue.ReleaseAsync([stale.Lease], TimeSpan.FromMinutes(1), failedDelivery: false));
        Assert.False(await queue.MoveAsync(stale.Lease, error, new byte[] { 1 }));

        Assert.Equal(before, await SnapshotAsync(queue, error));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task The_new_owner_is_not_disturbed_by_the_stale_one()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var stale = Assert.Single(await LeaseAsync(queue));
        await EndLeasesAsync(queue, stale);
        var owner = Assert.Single(await LeaseAsync(queue));

        Assert.False(await queue.SettleAsync(stale.Lease));
        Assert.Empty(await queue.RenewAsync([owner.Lease], Lease));
        Assert.True(await queue.SettleAsync(owner.Lease));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_lease_that_ended_and_was_taken_by_nobody_is_still_its_owners()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var message = Assert.Single(await LeaseAsync(queue));
        await EndLeasesAsync(queue, message);

        Assert.True(await queue.SettleAsync(message.Lease));
        Assert.Empty(await LeaseAsync(queue));
    }

    [SkippableFact]
    public async Task The_same_receiver_that_gets_its_message_again_holds_another_lease()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var lane = queue.CreateReader();
        var first = Assert.Single((await lane.LeaseAsync(1, Lease)).Messages);
        await EndLeasesAsync(queue, first);
        var second = Assert.Single((await lane.LeaseAsync(1, Lease)).Messages);

        Assert.Equal(first.Key, second.Key);
        Assert.NotEqual(first.Lease.Member, second.Lease.Member);
        Assert.False(await queue.SettleAsync(first.Lease));
        Assert.True(await queue.SettleAsync(second.Lease));
    }

    [SkippableFact]
    public async Task After_the_server_lost_its_data_old_leases_are_refused()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var message = Assert.Single(await LeaseAsync(queue));
        await Raw.KeyDeleteAsync(queue.Keys.All);

        Assert.False(await queue.SettleAsync(message.Lease));
        Assert.Equal(Lost(0), await queue.RenewAsync([message.Lease], Lease));
        Assert.False(await queue.MoveAsync(message.Lease, Engine.Queue(queue.Name + "_error"), new byte[] { 1 }));
        Assert.False((await queue.CountAsync()).Exists);
    }

    async Task LoseAsync(MessageQueue queue, LeasedMessage message, Meanwhile meanwhile)
    {
        await EndLeasesAsync(queue, message);
        var owner = Assert.Single(await LeaseAsync(queue));
        switch (meanwhile)
        {
            case Meanwhile.Waiting:
                await queue.ReleaseAsync([owner.Lease], TimeSpan.Zero, failedDelivery: false);
                break;
            case Meanwhile.SettledByAnother:
                Assert.True(await queue.SettleAsync(owner.Lease));
                break;
            case Meanwhile.MovedByAnother:
                Assert.True(await queue.MoveAsync(owner.Lease, Engine.Queue(queue.Name + "_error"), owner.Record!.Value));
                break;
            case Meanwhile.ReleasedWithDelay:
                await queue.ReleaseAsync([owner.Lease], TimeSpan.FromMinutes(5), failedDelivery: false);
                break;
        }
    }

    /// <summary>Everything the queues hold, as text.</summary>
    internal async Task<string[]> SnapshotAsync(params MessageQueue[] queues)
    {
        var lines = new List<string>();
        foreach (var keys in queues.Select(x => x.Keys))
        {
            foreach (var zset in new[] { keys.Ready, keys.Delayed, keys.Leased })
                lines.AddRange((await Raw.SortedSetRangeByRankWithScoresAsync(zset)).Select(x => $"{zset} {x}"));
            foreach (var hash in new[] { keys.Messages, keys.Deliveries, keys.Meta })
                lines.AddRange((await Raw.HashGetAllAsync(hash)).Select(x => $"{hash} {x}").Order(StringComparer.Ordinal));
        }

        return [.. lines];
    }
}
