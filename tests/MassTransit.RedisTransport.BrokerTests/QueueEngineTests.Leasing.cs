using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_leased_message_is_given_to_nobody_else()
    {
        var queue = await SendAsync(NewQueue(), "one", "two");

        Assert.Equal(["one"], await LeaseTextsAsync(queue, 1));
        Assert.Equal(["two"], await LeaseTextsAsync(queue));
        Assert.Empty(await LeaseAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Leases_that_have_ended_are_left_to_their_owners_by_a_receiver_that_is_asked_to()
    {
        var queue = await SendAsync(NewQueue(), "held", "waiting");
        var held = Assert.Single(await LeaseAsync(queue, 1));
        await EndLeasesAsync(queue, held);
        var lane = queue.CreateReader();

        var left = await lane.LeaseAsync(10, Lease, [], reclaim: false);
        Assert.Equal(["waiting"], Texts(left.Messages));
        // Looked for again soon, but not without a pause.
        Assert.InRange(left.NextDue!.Value, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
        Assert.Empty(await queue.RenewAsync([held.Lease], Lease));

        await EndLeasesAsync(queue, held);
        Assert.Equal(1, (await lane.LeaseAsync(10, Lease, [], reclaim: true)).Reclaimed);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Receivers_that_lease_at_the_same_time_share_the_messages()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(x => queue.SendAsync(Message($"{x}"))));

        var leased = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => LeaseTextsAsync(queue, 50)));

        Assert.Equal(Enumerable.Range(0, 1_000), leased.SelectMany(x => x).Select(int.Parse).Order());
    }

    [SkippableFact]
    public async Task A_settled_message_is_gone_with_everything_that_belonged_to_it()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var first = Assert.Single(await LeaseAsync(queue));
        await queue.ReleaseAsync([first.Lease], TimeSpan.Zero, failedDelivery: true);
        var message = Assert.Single(await LeaseAsync(queue));

        Assert.True(await queue.SettleAsync(message.Lease));

        var counts = await queue.CountAsync();
        Assert.Equal((0, 0, 0, 0, 1, 1), (counts.Ready, counts.Delayed, counts.Leased, counts.Records, counts.Sent, counts.Completed));
        Assert.False(await Raw.KeyExistsAsync(queue.Keys.Deliveries));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Many_settles_in_flight_share_calls_and_each_gets_its_own_answer()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 2_500).Select(x => queue.SendAsync(Message($"{x}"))));
        var messages = new List<LeasedMessage>();
        while (await LeaseAsync(queue) is { Length: > 0 } batch)
            messages.AddRange(batch);
        await EndLeasesAsync(queue, [.. messages.Where((_, i) => i % 5 == 0)]);
        while ((await LeaseAsync(queue)).Length > 0)
        {
        }

        var settled = await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease)));

        Assert.Equal(messages.Select((_, i) => i % 5 != 0), settled);
        Assert.Equal(2_000, (await queue.CountAsync()).Completed);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_settle_that_is_asked_for_twice_counts_once()
    {
        var queue = await SendAsync(NewQueue(), "first", "m");
        var messages = await LeaseAsync(queue);

        // While the first call is under way the others gather in one.
        await Task.WhenAll(messages.Concat(Enumerable.Repeat(messages[1], 5)).Select(x => queue.SettleAsync(x.Lease)));

        Assert.Equal(2, (await queue.CountAsync()).Completed);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_renewed_lease_ends_later_and_the_message_stays_with_its_owner()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var message = Assert.Single(await LeaseAsync(queue));
        await EndLeasesAsync(queue, message);

        Assert.Empty(await queue.RenewAsync([message.Lease], Lease));

        Assert.Empty(await LeaseAsync(queue));
        Assert.True(await queue.SettleAsync(message.Lease));
    }

    [SkippableFact]
    public async Task More_leases_than_one_call_takes_are_renewed_and_the_lost_ones_are_named()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 2_300).Select(x => queue.SendAsync(Message($"{x}"))));
        var messages = new List<LeasedMessage>();
        while (await LeaseAsync(queue) is { Length: > 0 } batch)
            messages.AddRange(batch);
        await EndLeasesAsync(queue, messages[0], messages[1_500], messages[2_299]);
        await LeaseAsync(queue);

        Assert.Equal(Lost(0, 1_500, 2_299), await queue.RenewAsync([.. messages.Select(x => x.Lease)], Lease));
        Assert.Equal(Lost(0, 1_500, 2_299),
            await queue.ReleaseAsync([.. messages.Select(x => x.Lease)], TimeSpan.Zero, failedDelivery: false));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Renewing_nothing_and_releasing_nothing_is_no_error()
    {
        var queue = NewQueue();

        Assert.Empty(await queue.RenewAsync([], Lease));
        Assert.Empty(await queue.ReleaseAsync([], TimeSpan.Zero, failedDelivery: true));
        Assert.Equal(0, await queue.RemoveAsync([]));
    }

    [SkippableFact]
    public async Task Expired_lease_is_redelivered_once_with_its_priority_its_place_and_a_higher_delivery_count()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("crashes", 5));
        await queue.SendAsync(Message("behind it", 5));
        await queue.SendAsync(Message("less urgent", 4));
        var crashed = Assert.Single(await LeaseAsync(queue, 1));
        await queue.SendAsync(Message("more urgent", 6));
        await EndLeasesAsync(queue, crashed);

        var result = await queue.CreateReader().LeaseAsync(1_000, Lease);

        Assert.Equal(["more urgent", "crashes", "behind it", "less urgent"], Texts(result.Messages));
        Assert.Equal([0, 1, 0, 0], result.Messages.Select(x => x.DeliveryCount));
        Assert.Equal(crashed.Key, result.Messages[1].Key);
        Assert.Equal(1, result.Reclaimed);
        Assert.Empty(await LeaseAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Every_lost_lease_raises_the_delivery_count_by_one()
    {
        var queue = await SendAsync(NewQueue(), "poison");
        for (var count = 0; count < 5; count++)
        {
            var message = Assert.Single(await LeaseAsync(queue));
            Assert.Equal(count, message.DeliveryCount);
            await EndLeasesAsync(queue, message);
        }

        Assert.Equal(4, (await queue.CountAsync()).Reclaimed);
    }

    [SkippableFact]
    public async Task A_released_message_takes_its_old_place_again()
    {
        var queue = NewQueue();
        foreach (var (text, priority) in ((string, byte)[])[("a", 1), ("b", 1), ("c", 1), ("d", 2)])
            await queue.SendAsync(Message(text, priority));
        var leased = await LeaseAsync(queue, 3);

        Assert.Empty(await queue.ReleaseAsync([.. leased.Select(x => x.Lease).Reverse()], TimeSpan.Zero, failedDelivery: false));

        var again = await LeaseAsync(queue);
        Assert.Equal(["d", "a", "b", "c"], Texts(again));
        Assert.All(again, x => Assert.Equal(0, x.DeliveryCount));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_message_released_after_a_failure_counts_a_delivery()
    {
        var queue = await SendAsync(NewQueue(), "m");
        await queue.ReleaseAsync([Assert.Single(await LeaseAsync(queue)).Lease], TimeSpan.Zero, failedDelivery: true);

        Assert.Equal(1, Assert.Single(await LeaseAsync(queue)).DeliveryCount);
    }

    [SkippableFact]
    public async Task A_message_released_twice_in_one_call_counts_one_delivery()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var message = Assert.Single(await LeaseAsync(queue));

        Assert.Equal(Lost(1), await queue.ReleaseAsync([message.Lease, message.Lease], TimeSpan.Zero, failedDelivery: true));

        Assert.Equal(1, Assert.Single(await LeaseAsync(queue)).DeliveryCount);
    }

    [SkippableFact]
    public async Task A_message_released_with_a_delay_waits_and_keeps_priority_and_key()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("later", 9));
        var message = Assert.Single(await LeaseAsync(queue));

        await queue.ReleaseAsync([message.Lease], TimeSpan.FromMinutes(2), failedDelivery: true);

        Assert.Empty(await LeaseAsync(queue));
        var waiting = Assert.Single(await queue.PeekAsync(MessageState.Delayed, 0, 10));
        Assert.Equal(message.Key.ToString(), waiting.Key);
        Assert.Equal(1, waiting.DeliveryCount);
        await SendAsync(queue, "ready");
        await EndDelaysAsync(queue);
        Assert.Equal(["later", "ready"], await LeaseTextsAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_delayed_message_is_not_delivered_before_it_is_due_by_the_servers_clock()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("m", delay: TimeSpan.FromMilliseconds(300)));
        var lane = queue.CreateReader();
        LeaseResult? result = null;

        await Eventually.TrueAsync(async () =>
        {
            result = await lane.LeaseAsync(10, Lease);
            if (result.Messages.Length == 0)
                Assert.InRange(result.NextDue!.Value, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
            return result.Messages.Length > 0;
        });

        Assert.True(result!.ServerTime >= Assert.Single(result.Messages).Key.PlaceMilliseconds);
    }

    [SkippableFact]
    public async Task The_next_due_time_is_the_sooner_of_a_delay_and_a_lease()
    {
        var queue = NewQueue();
        var lane = queue.CreateReader();
        Assert.Null((await lane.LeaseAsync(10, Lease)).NextDue);

        await queue.SendAsync(Message("delayed", delay: TimeSpan.FromHours(2)));
        Assert.InRange((await lane.LeaseAsync(10, Lease)).NextDue!.Value, TimeSpan.FromMinutes(110), TimeSpan.FromHours(2));

        await SendAsync(queue, "leased");
        Assert.InRange((await lane.LeaseAsync(10, TimeSpan.FromHours(1))).NextDue!.Value, TimeSpan.FromMinutes(50),
            TimeSpan.FromMinutes(61));

        await queue.SendAsync(Message("sooner", delay: TimeSpan.FromMinutes(30)));
        Assert.InRange((await lane.LeaseAsync(10, Lease)).NextDue!.Value, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30));

        await EndDelaysAsync(queue);
        Assert.Equal(2, (await lane.LeaseAsync(10, Lease)).Messages.Length);
    }

    [SkippableFact]
    public async Task A_call_never_takes_more_than_asked_for_and_at_least_one()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 1_100).Select(x => queue.SendAsync(Message($"{x}"))));

        Assert.Equal(3, (await LeaseAsync(queue, 3)).Length);
        Assert.Single(await LeaseAsync(queue, 0));
        Assert.Equal(LeaseReader.MaxRecords, (await LeaseAsync(queue, 5_000)).Length);
        await AssertInvariantsAsync(queue);
    }
}
