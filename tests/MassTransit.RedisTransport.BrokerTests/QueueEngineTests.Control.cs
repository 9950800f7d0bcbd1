using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_paused_queue_takes_messages_and_acknowledgements_and_hands_out_none()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "begun", "waits");
        var reader = queue.CreateReader();
        var begun = Assert.Single((await reader.LeaseAsync(1, Lease)).Messages);

        var before = await ChangeAsync(queue, ControlChange.Pause(null), "ops@web1", "PSP is down");
        await SendAsync(queue, "comes later");
        var paused = await reader.LeaseAsync(10, Lease);

        Assert.Null(before.PausedAt);
        Assert.Empty(paused.Messages);
        Assert.Equal(new LeaseControl(IsPaused: true, Version: 1, Workers: 0, Limit: 0), paused.Control);
        Assert.Null(paused.NextDue);
        var state = await ReadControlAsync(queue);
        Assert.Equal(("ops@web1", "PSP is down", (DateTimeOffset?)null, 1L),
            (state.PausedBy, state.PauseReason, state.PausedUntil, state.Leased));
        Assert.True(await queue.SettleAsync(begun.Lease));
        Assert.Equal((2, 0, true), await FiguresAsync(queue));

        await ChangeAsync(queue, ControlChange.Resume);
        var resumed = await reader.LeaseAsync(10, Lease);

        Assert.Equal(["waits", "comes later"], Texts(resumed.Messages));
        Assert.Equal(new LeaseControl(IsPaused: false, Version: 2, Workers: 0, Limit: 0), resumed.Control);
        Assert.All(resumed.Messages, x => Assert.Equal(0, x.DeliveryCount));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task In_a_pause_due_messages_and_ended_leases_come_back_to_their_places_and_are_not_delivered()
    {
        var queue = await NewDeclaredAsync();
        await SendAsync(queue, "lost by its receiver", "given back");
        await queue.SendAsync(Message("urgent and due", priority: 9, delay: TimeSpan.FromHours(1)));
        var leased = await LeaseAsync(queue);
        await ChangeAsync(queue, ControlChange.Pause(null));
        await SendAsync(queue, "last");

        await EndLeasesAsync(queue, leased[0]);
        await EndDelaysAsync(queue);
        await queue.GiveBackAsync(leased[1].Lease);
        var paused = await queue.CreateReader().LeaseAsync(10, Lease);
        Assert.Empty(paused.Messages);
        Assert.Equal(1, paused.Reclaimed);
        Assert.Equal((4, 0, true), await FiguresAsync(queue));

        await ChangeAsync(queue, ControlChange.Resume);
        var resumed = await LeaseAsync(queue);
        Assert.Equal(["urgent and due", "lost by its receiver", "given back", "last"], Texts(resumed));
        Assert.Equal([0, 1, 0, 0], resumed.Select(x => x.DeliveryCount));
        Assert.All(resumed, x => Assert.False(x.WasReturned));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_receiver_of_a_paused_queue_waits_for_nothing_and_no_send_wakes_it()
    {
        var queue = await NewDeclaredAsync();
        var reader = queue.CreateReader();
        Assert.Empty((await reader.LeaseAsync(10, Lease)).Messages);
        await ChangeAsync(queue, ControlChange.Pause(null));
        await queue.SendAsync(Message("due in an hour", delay: TimeSpan.FromHours(1)));
        await using var wakes = await ListenAsync(queue);

        for (var i = 0; i < 5; i++)
        {
            Assert.Null((await reader.LeaseAsync(10, Lease)).NextDue);
            await SendAsync(queue, $"{i}");
            await queue.SendAsync(Message("due at once", delay: TimeSpan.FromMilliseconds(1)));
        }

        Assert.Equal(0, await wakes.CountAsync());
        Assert.Equal("0", await Raw.HashGetAsync(queue.Keys.Meta, "waiting"));
    }

    [SkippableFact]
    public async Task A_pause_ends_by_itself_by_the_servers_clock_and_the_receiver_knows_when()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "a");
        var reader = queue.CreateReader();
        await ChangeAsync(queue, ControlChange.Pause(TimeSpan.FromHours(1)));
        Assert.InRange((await reader.LeaseAsync(10, Lease)).NextDue!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));

        await ChangeAsync(queue, ControlChange.Pause(TimeSpan.FromMilliseconds(50)));

        // Nobody resumes it, and nothing is written when it ends.
        await Eventually.TrueAsync(async () => (await reader.LeaseAsync(10, Lease)).Messages.Length == 1, message: "the pause to end");
        var state = await ReadControlAsync(queue);
        Assert.Equal((null, null, null, null), (state.PausedAt, state.PausedUntil, state.PausedBy, state.PauseReason));
        Assert.Equal(2, state.Version);
    }

    [SkippableFact]
    public async Task A_second_pause_decides_who_why_and_until_when_and_not_since_when()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await ChangeAsync(queue, ControlChange.Pause(null), "first", "one");
        var first = await ReadControlAsync(queue);

        var before = await ChangeAsync(queue, ControlChange.Pause(TimeSpan.FromHours(1)), "second", "");
        var second = await ReadControlAsync(queue);

        Assert.Equal(first with { ServerTime = default }, before with { ServerTime = default });
        Assert.Equal((first.PausedAt, "second", null), (second.PausedAt, second.PausedBy, second.PauseReason));
        Assert.NotNull(second.PausedUntil);
    }

    [SkippableFact]
    public async Task A_change_whose_reply_was_lost_is_made_once_and_answers_what_was_before()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await ChangeAsync(queue, ControlChange.Limit(7), "before");
        RedisKey[] keys = [.. queue.Keys.All, queue.Keys.Control];

        var (first, second) =
            await TwiceAsync(ScriptCatalog.Control, keys, "pause", 60_000, "ops", "why", "id", queue.Keys.WakeChannelName);

        // All but the code and the clock.
        Assert.Equal(((RedisResult[])first!)[2..].Select(x => x.ToString()), ((RedisResult[])second!)[2..].Select(x => x.ToString()));
        var state = await ReadControlAsync(queue);
        Assert.Equal((2L, 7, "ops"), (state.Version, state.Limit, state.ChangedBy));
    }

    [SkippableFact]
    public async Task What_changes_nothing_leaves_no_trace()
    {
        var queue = await SendAsync(NewQueue(), "a");
        foreach (var change in new[] { ControlChange.Resume, ControlChange.Reset, ControlChange.Limit(null), ControlChange.Rate(null),
            ControlChange.Workers(null) })
            await ChangeAsync(queue, change);

        Assert.Equal(0, (await ReadControlAsync(queue)).Version);
        Assert.False(await Raw.KeyExistsAsync(queue.Keys.Control));
        Assert.False(await Raw.HashExistsAsync(queue.Keys.Meta, "control"));
    }

    [SkippableFact]
    public async Task Declarations_keep_what_operators_have_set_and_a_deletion_does_not()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "a");
        await ChangeAsync(queue, ControlChange.Pause(null), "ops");
        await ChangeAsync(queue, ControlChange.Workers(3), "ops");

        await queue.DeclareAsync(new QueueSettings(PriorityAging: TimeSpan.FromSeconds(1)));
        var kept = await ReadControlAsync(queue);
        Assert.Equal((true, "ops", 3), (kept.PausedAt is not null, kept.PausedBy, kept.Workers));

        await Engine.DeleteQueueAsync(queue.Name.Value);
        Assert.Null(await Engine.ReadControlAsync(queue.Name.Value));
        await SendAsync(queue, "b");
        var anew = await ReadControlAsync(queue);
        Assert.Equal((null, null, null, 0L, null), (anew.PausedAt, anew.PausedBy, anew.Workers, anew.Version, anew.ChangedBy));
        Assert.Equal(["b"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task Queues_that_delete_themselves_are_refused_and_can_still_be_resumed()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(1)));
        foreach (var change in new[] { ControlChange.Pause(null), ControlChange.Limit(1), ControlChange.Rate(1), ControlChange.Workers(1) })
        {
            var refusal = await Assert.ThrowsAsync<RedisConflictException>(() => ChangeAsync(queue, change));
            Assert.Contains("deletes itself", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await ReadControlAsync(queue)).Version);
        await queue.DeclareAsync(new QueueSettings());
        await ChangeAsync(queue, ControlChange.Pause(null));
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(1)));
        Assert.NotNull((await ChangeAsync(queue, ControlChange.Resume)).PausedAt);
    }

    [SkippableFact]
    public async Task Nothing_can_be_set_for_a_queue_that_does_not_exist()
    {
        var name = NewName();

        Assert.Null(await Engine.ChangeControlAsync(name, ControlChange.Pause(null), "ops", ""));
        Assert.Null(await Engine.ReadControlAsync(name));

        Assert.Equal(0, await Raw.KeyExistsAsync([.. Engine.Queue(name).Keys.All, Engine.Queue(name).Keys.Control]));
    }

    [SkippableFact]
    public async Task A_receiver_without_room_settles_and_learns_what_is_set_and_gets_nothing()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "a", "b");
        var reader = queue.CreateReader();
        var held = Assert.Single((await reader.LeaseAsync(1, Lease)).Messages);
        await ChangeAsync(queue, ControlChange.Workers(4));

        var looked = await reader.LeaseAsync(limit: 0, Lease, [new Acknowledgement(held.Lease, new Listener())]);

        Assert.Empty(looked.Messages);
        Assert.Equal(4, looked.Control.Workers);
        Assert.Equal((1, 0, false), await FiguresAsync(queue));
        Assert.NotEqual((RedisValue)"1", await Raw.HashGetAsync(queue.Keys.Meta, "waiting"));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Every_change_is_announced_to_receivers_that_sleep()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "a");
        var heard = 0;
        var subscription = queue.CreateWakeUps(isControl => Interlocked.Add(ref heard, isControl ? 1 : 100));
        Assert.Null(await subscription.SubscribeAsync());

        await ChangeAsync(queue, ControlChange.Pause(null));
        await ChangeAsync(queue, ControlChange.Limit(3));
        await ChangeAsync(queue, ControlChange.Resume);

        await Eventually.EqualAsync(3, () => Volatile.Read(ref heard));
        subscription.Unsubscribe();
    }

    [SkippableFact]
    public async Task Returns_share_calls_and_take_their_old_places()
    {
        var queue = await NewDeclaredAsync();
        var texts = Enumerable.Range(0, 1_200).Select(x => $"{x:0000}").ToArray();
        await Task.WhenAll(texts.Chunk(100).Select(x => SendAsync(queue, x)));
        var order = (await queue.PeekAsync(MessageState.Ready, 0, MessageQueue.MaxPage)).Select(x => x.Key).ToArray();
        var leased = (await LeaseAsync(queue)).Concat(await LeaseAsync(queue)).Concat(await LeaseAsync(queue)).ToArray();

        await Task.WhenAll(leased.Select(x => queue.GiveBackAsync(x.Lease)));
        // One that is lost already is no failure.
        await queue.GiveBackAsync(leased[0].Lease);

        Assert.Equal(order, (await queue.PeekAsync(MessageState.Ready, 0, MessageQueue.MaxPage)).Select(x => x.Key));
        Assert.Equal(0, await Raw.HashLengthAsync(queue.Keys.Deliveries));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Messages_that_were_leased_and_not_read_go_back_when_the_queue_is_paused()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "a", "b");
        var big = new OutgoingMessage(new byte[5 * 1024 * 1024], 200);
        await queue.SendAsync(big);
        var reader = queue.CreateReader();
        // It is longer than a reply may be, so it is leased and read by the next calls.
        Assert.Empty((await reader.LeaseAsync(1, Lease)).Messages);
        Assert.Single(reader.Held);
        await ChangeAsync(queue, ControlChange.Pause(null));

        await Eventually.TrueAsync(async () =>
        {
            var result = await reader.LeaseAsync(1, Lease);
            foreach (var message in result.Messages)
                await queue.GiveBackAsync(message.Lease);
            return result.Control.IsPaused;
        }, message: "the pause to be seen");

        Assert.Empty(reader.Held);
        Assert.Equal((3, 0, true), await FiguresAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task What_others_have_written_into_the_fields_of_a_pause_stops_nothing()
    {
        var queue = await SendAsync(await NewDeclaredAsync(), "a");
        await Raw.HashSetAsync(queue.Keys.Meta,
        [
            new("control", "1"), new("paused", "nonsense"), new("until", "-5"), new("limit", "1e300"), new("rate", "many"),
            new("workers", "-1"), new("tokens", "x"), new("refilled", "x"),
        ]);
        await Raw.HashSetAsync(queue.Keys.Control, "changed", "yesterday");

        var result = await queue.CreateReader().LeaseAsync(10, Lease);

        Assert.Equal(["a"], Texts(result.Messages));
        Assert.Equal(new LeaseControl(false, 1, 0, 0), result.Control);
        var state = await ReadControlAsync(queue);
        Assert.Equal((null, null, null, null, null), (state.PausedAt, state.Limit, state.Rate, state.Workers, state.ChangedAt));
    }

    async Task<MessageQueue> NewDeclaredAsync([System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var queue = NewQueue(name);
        await queue.DeclareAsync(new QueueSettings());
        return queue;
    }

    async Task<ControlState> ChangeAsync(MessageQueue queue, ControlChange change, string who = "tests", string why = "") =>
        Assert.IsType<ControlState>(await Engine.ChangeControlAsync(queue.Name.Value, change, who, why));

    async Task<ControlState> ReadControlAsync(MessageQueue queue) =>
        Assert.IsType<ControlState>(await Engine.ReadControlAsync(queue.Name.Value));

    static async Task<(long Ready, long Leased, bool IsPaused)> FiguresAsync(MessageQueue queue)
    {
        var counts = await queue.CountAsync();
        var measure = await queue.MeasureAsync();
        Assert.Equal((counts.Ready, counts.Leased, counts.IsPaused, counts.Limit),
            (measure.Ready, measure.Leased, measure.IsPaused, measure.Limit));
        return (counts.Ready, counts.Leased, counts.IsPaused);
    }

    sealed class Listener : ISettleListener
    {
        public void OnSettled(bool leaseLost, Exception? error)
        {
        }
    }
}
