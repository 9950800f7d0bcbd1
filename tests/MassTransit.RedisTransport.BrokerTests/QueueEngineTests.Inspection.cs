using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task Counts_tell_the_states_apart()
    {
        var queue = await SendAsync(NewQueue(), "a", "b", "c");
        await queue.SendAsync(Message("d", delay: TimeSpan.FromHours(1)));
        await LeaseAsync(queue, 1);

        Assert.Equal(new QueueCounts(2, 1, 1, 4, true, 4, 0, 0, 0, 0, 0), Timeless(await queue.CountAsync()));
    }

    [SkippableFact]
    public async Task A_queue_that_is_not_there_counts_nothing_and_is_not_created_by_looking()
    {
        var queue = NewQueue();

        Assert.Equal(new QueueCounts(0, 0, 0, 0, false, 0, 0, 0, 0, 0, 0), Timeless(await queue.CountAsync()));
        Assert.Empty(await queue.PeekAsync(MessageState.Ready, 0, 10));
        Assert.Empty(await LeaseAsync(queue));
        Assert.False(await queue.TouchAsync());
        Assert.Equal(0, await queue.PurgeAsync());
        Assert.Equal(0, await queue.RemoveAsync(["nothing"]));
        Assert.False(await queue.CancelAsync("nothing"));

        Assert.All(await Task.WhenAll(queue.Keys.All.Select(x => Raw.KeyExistsAsync(x))), Assert.False);
    }

    [SkippableFact]
    public async Task What_operators_ask_for_is_neither_kept_for_good_nor_takes_a_name_of_the_metrics()
    {
        string[] names = [.. Enumerable.Range(0, 20).Select(x => $"{NewName()}-{x}")];
        foreach (var name in names)
            await Engine.Queue(name).SendAsync(Message("m"));

        await using var operation = Server.CreateEngine();
        Assert.Superset(names.ToHashSet(), (await operation.ListQueuesAsync()).ToHashSet());
        foreach (var name in names)
        {
            Assert.Equal(1, (await operation.CountAsync(name)).Ready);
            Assert.Equal(1, (await operation.MeasureAsync(name)).Ready);
        }

        Assert.Equal(0, operation.Remembered);
        Assert.Equal(1, await operation.Inspect(names[1]).PurgeAsync());
        await operation.DeleteQueueAsync(names[2]);

        Assert.Equal(0, operation.Lasting);
        Assert.Same(QueueMeter.Other, operation.Inspect(names[0]).Meter);
        // One that the application uses is that one, with what it knows of its sends.
        Assert.Same(operation.Queue(names[0]), operation.Inspect(names[0]));
    }

    [SkippableFact]
    public async Task Peeking_shows_each_state_in_its_order_and_takes_nothing()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("low", 1));
        await queue.SendAsync(Message("high", 2));
        await queue.SendAsync(Message("tomorrow", delay: TimeSpan.FromDays(1)));
        await queue.SendAsync(Message("soon", delay: TimeSpan.FromMinutes(1)));
        await queue.SendAsync(Message("leased", 9));
        var leased = Assert.Single(await LeaseAsync(queue, 1));

        async Task<string[]> PeekAsync(MessageState state, int offset, int limit) =>
            [.. (await queue.PeekAsync(state, offset, limit)).Select(x => Text(x.Record))];

        Assert.Equal(["high", "low"], await PeekAsync(MessageState.Ready, 0, 10));
        Assert.Equal(["low"], await PeekAsync(MessageState.Ready, 1, 10));
        Assert.Equal(["high"], await PeekAsync(MessageState.Ready, 0, 1));
        Assert.Empty(await PeekAsync(MessageState.Ready, 2, 10));
        Assert.Equal(["soon", "tomorrow"], await PeekAsync(MessageState.Delayed, 0, 10));
        var shown = Assert.Single(await queue.PeekAsync(MessageState.Leased, 0, 10));
        Assert.Equal(leased.Key.ToString(), shown.Key);
        Assert.Equal("leased", Text(shown.Record));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queue.PeekAsync(MessageState.Ready, -1, 10));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Due_times_and_lease_ends_are_shown_in_milliseconds_of_the_servers_clock()
    {
        var queue = await SendAsync(NewQueue(), "leased");
        await queue.SendAsync(Message("delayed", delay: TimeSpan.FromHours(2)));
        var now = (await queue.CreateReader().LeaseAsync(1, TimeSpan.FromHours(1))).ServerTime;

        Assert.InRange((await queue.PeekAsync(MessageState.Leased, 0, 1))[0].Score - now, 3_600_000, 3_600_000);
        Assert.InRange((await queue.PeekAsync(MessageState.Delayed, 0, 1))[0].Score - now, 7_100_000, 7_200_000);
    }

    [SkippableFact]
    public async Task Given_messages_are_removed_wherever_they_wait_and_leased_ones_are_left_alone()
    {
        var queue = await SendAsync(NewQueue(), "leased", "ready", "stays");
        await queue.SendAsync(Message("delayed", delay: TimeSpan.FromHours(1)));
        var leased = Assert.Single(await LeaseAsync(queue, 1));
        var ready = (await queue.PeekAsync(MessageState.Ready, 0, 1))[0].Key;
        var delayed = (await queue.PeekAsync(MessageState.Delayed, 0, 1))[0].Key;

        Assert.Equal(2, await queue.RemoveAsync([leased.Key.ToString(), ready, delayed, ready, "no such message"]));

        Assert.True(await queue.SettleAsync(leased.Lease));
        Assert.Equal(["stays"], await LeaseTextsAsync(queue));
        Assert.Equal(2, (await queue.CountAsync()).Removed);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_purge_takes_everything_that_waits_in_steps()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 2_400).Select(x => queue.SendAsync(Message($"{x}", delay: TimeSpan.FromHours(x % 2)))));
        var leased = Assert.Single(await LeaseAsync(queue, 1));

        Assert.Equal(2_399, await queue.PurgeAsync());

        Assert.Equal(1, (await queue.CountAsync()).Records);
        Assert.True(await queue.SettleAsync(leased.Lease));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_purge_ends_although_senders_go_on()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 3_000).Select(x => queue.SendAsync(Message($"{x}"))));
        using var stop = new CancellationTokenSource();
        var sending = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
                await Task.WhenAll(Enumerable.Range(0, 20).Select(x => queue.SendAsync(Message($"{x}"))));
        }));

        var purged = await queue.PurgeAsync().WaitAsync(TimeSpan.FromSeconds(20));
        await stop.CancelAsync();
        await sending;

        Assert.True(purged >= 3_000);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_deleted_queue_leaves_nothing_and_can_be_used_again()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await SendAsync(queue, "a", "b");
        await queue.SendAsync(Message("c", delay: TimeSpan.FromHours(1)));
        await LeaseAsync(queue, 1);

        await Engine.DeleteQueueAsync(queue.Name.Value);

        Assert.All(await Task.WhenAll(queue.Keys.All.Select(x => Raw.KeyExistsAsync(x))), Assert.False);
        Assert.DoesNotContain(queue.Name.Value, await Engine.ListQueuesAsync());
        var again = await SendAsync(Engine.Queue(queue.Name.Value), "d");
        Assert.Equal(["d"], await LeaseTextsAsync(again));
        await AssertInvariantsAsync(again);
    }

    [SkippableFact]
    public async Task A_declared_queue_says_so_and_a_second_declaration_changes_its_settings()
    {
        var queue = NewQueue();

        Assert.False((await queue.CreateReader().LeaseAsync(1, Lease)).Declared);
        Assert.True(await queue.DeclareAsync(new QueueSettings()));
        Assert.False(await queue.DeclareAsync(new QueueSettings(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5))));

        Assert.True((await queue.CreateReader().LeaseAsync(1, Lease)).Declared);
        Assert.Equal("2000000", await Raw.HashGetAsync(queue.Keys.Meta, "step"));
        Assert.Equal("300000", await Raw.HashGetAsync(queue.Keys.Meta, "idle"));
        Assert.Contains(queue.Name.Value, await Engine.ListQueuesAsync());
    }

    [SkippableFact]
    public async Task A_receiver_notices_that_the_server_lost_the_queue()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        var lane = queue.CreateReader();
        Assert.True((await lane.LeaseAsync(1, Lease)).Declared);

        await Raw.KeyDeleteAsync(queue.Keys.All);
        await SendAsync(queue, "m");

        var result = await lane.LeaseAsync(1, Lease);
        Assert.False(result.Declared);
        Assert.Equal(["m"], Texts(result.Messages));
    }

    [SkippableFact]
    public async Task A_queue_is_listed_again_after_the_server_lost_its_data()
    {
        var queue = await SendAsync(NewQueue(), "m");
        await Eventually.TrueAsync(async () => (await Engine.ListQueuesAsync()).Contains(queue.Name.Value));
        await Engine.DeleteQueueAsync(queue.Name.Value);

        await SendAsync(queue, "m");

        await Eventually.TrueAsync(async () => (await Engine.ListQueuesAsync()).Contains(queue.Name.Value));
    }

    [SkippableFact]
    public async Task A_scheduled_message_is_cancelled_by_its_token_until_a_receiver_has_it()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("delayed", delay: TimeSpan.FromHours(1)) with { CancelToken = "one" });
        await queue.SendAsync(Message("due", 200) with { CancelToken = "two" });
        await queue.SendAsync(Message("taken", 201) with { CancelToken = "three" });
        var taken = Assert.Single(await LeaseAsync(queue, 1));

        Assert.True(await queue.CancelAsync("one"));
        Assert.True(await queue.CancelAsync("two"));
        Assert.False(await queue.CancelAsync("three"));
        Assert.False(await queue.CancelAsync("one"));
        Assert.False(await queue.CancelAsync("four"));

        await queue.ReleaseAsync([taken.Lease], TimeSpan.FromMinutes(5), failedDelivery: true);
        Assert.True(await queue.CancelAsync("three"));
        Assert.Equal((0, 3), ((await queue.CountAsync()).Records, (await queue.CountAsync()).Cancelled));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_token_used_again_names_the_latest_message()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("first", delay: TimeSpan.FromHours(1)) with { CancelToken = "t" });
        Assert.True(await queue.CancelAsync("t"));
        await queue.SendAsync(Message("second", delay: TimeSpan.FromHours(1)) with { CancelToken = "t" });

        Assert.True(await queue.CancelAsync("t"));
        Assert.Equal(0, (await queue.CountAsync()).Records);
        await AssertInvariantsAsync(queue);
    }

    static QueueCounts Timeless(QueueCounts counts) => counts with { OldestAge = default, ServerTime = default };
}
