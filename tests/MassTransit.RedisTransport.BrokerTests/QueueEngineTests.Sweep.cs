using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Records in no set, in a queue of which more is in hand than one call may look at.</summary>
public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task Strays_are_found_where_more_is_leased_than_one_call_looks_at_and_nothing_that_is_leased_or_renewed_meanwhile()
    {
        const int count = 2_300, strays = 40, step = 40;
        var shorter = TimeSpan.FromMinutes(1);
        var random = new Random(4711);
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, count).Select(x => queue.SendAsync(Message($"{x}"))));
        var owner = queue.CreateReader();
        var sweeper = queue.CreateReader();
        var held = new List<LeasedMessage>();
        var found = new List<LeasedMessage>();
        while (held.Count < count)
            await TakeAsync(owner, Lease);
        for (var i = 0; i < strays; i++)
            await Raw.HashSetAsync(queue.Keys.Messages, new MessageKey(1, 1_000 + i, 0).ToString(), $"stray {i}");
        await Raw.HashSetAsync(queue.Keys.Messages, "nobody's", $"stray {strays}");

        for (var calls = 0; found.Count < strays + 1; calls++)
        {
            Assert.InRange(calls, 0, 2_000);
            await TakeAsync(sweeper, Lease);
            // Whatever changes hands, or is renewed by one whose leases are shorter, stands where the sweep has been already.
            var passed = Enumerable.Range(0, step).Select(_ => Take(random.Next(held.Count))).ToArray();
            Assert.Empty(await queue.ReleaseAsync([.. passed.Select(x => x.Lease)], TimeSpan.Zero, failedDelivery: false));
            for (var more = 0; held.Count < count; more++)
            {
                Assert.InRange(more, 0, 20);
                await TakeAsync(owner, shorter);
            }

            Assert.Empty(await queue.RenewAsync([.. Enumerable.Range(0, step).Select(_ => held[random.Next(held.Count)].Lease).Distinct()],
                shorter));
        }

        Assert.Equal(Enumerable.Range(0, strays + 1).Select(x => $"stray {x}").Order(StringComparer.Ordinal),
            Texts(found).Order(StringComparer.Ordinal));
        Assert.All(await Task.WhenAll(held.Concat(found).Select(x => queue.SettleAsync(x.Lease))), Assert.True);
        var counts = await queue.CountAsync();
        Assert.Equal((0, 0, 0, 0), (counts.Records, counts.Ready, counts.Delayed, counts.Leased));

        async Task TakeAsync(LeaseReader lane, TimeSpan lease)
        {
            var messages = (await lane.LeaseAsync(500, lease)).Messages;
            Assert.All(messages, x => Assert.Equal(x.Stray, Text(x.Record).StartsWith("stray", StringComparison.Ordinal)));
            found.AddRange(messages.Where(x => x.Stray));
            held.AddRange(messages.Where(x => !x.Stray));
        }

        LeasedMessage Take(int index)
        {
            var message = held[index];
            held[index] = held[^1];
            held.RemoveAt(held.Count - 1);
            return message;
        }
    }

    [SkippableFact]
    public async Task A_sweep_that_its_receiver_has_begun_and_left_is_ended_by_another()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 1_500).Select(x => queue.SendAsync(Message($"{x}"))));
        var held = new List<LeasedMessage>();
        while (held.Count < 1_500)
            held.AddRange(await LeaseAsync(queue, 500));
        await Raw.HashSetAsync(queue.Keys.Messages, new MessageKey(1, 1_000, 0).ToString(), "stray");
        var first = queue.CreateReader();
        for (var calls = 0; !await Raw.HashExistsAsync(queue.Keys.Meta, "sweep"); calls++)
        {
            Assert.InRange(calls, 0, 500);
            Assert.Empty((await first.LeaseAsync(1, Lease)).Messages);
        }

        var second = queue.CreateReader();
        LeasedMessage[] found = [];
        for (var calls = 0; found.Length == 0; calls++)
        {
            Assert.InRange(calls, 0, 500);
            found = (await second.LeaseAsync(1, Lease)).Messages;
        }

        Assert.Equal("stray", Text(Assert.Single(found, x => x.Stray).Record));
        Assert.False(await Raw.HashExistsAsync(queue.Keys.Meta, "suspects"));
        Assert.False(await Raw.HashExistsAsync(queue.Keys.Meta, "sweep"));
    }
}
