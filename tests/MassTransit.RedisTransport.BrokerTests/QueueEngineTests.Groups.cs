using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Dead letters are counted by their failures, in the steps that move them in and out.</summary>
public abstract partial class QueueEngineTests
{
    static MessageRecord Failed(string type, int replays = 0, string text = "") => new()
    {
        Headers =
        [
            new(RecordHeaders.FaultExceptionType, type), new(RecordHeaders.FaultStackTrace, $"   at Shop.Bank.Charge{type}(Int32 id)\n"),
            new(RecordHeaders.ReplayCount, replays),
        ],
        Body = Encoding.UTF8.GetBytes(text),
    };

    static string GroupOf(string type) => FailureFingerprint.Of(Failed(type)).Id;

    /// <summary>Messages that fail, each with an exception of its own kind.</summary>
    async Task<MessageQueue> FailAsync(MessageQueue queue, params string[] types)
    {
        foreach (var type in types)
        {
            await queue.SendAsync(Message(type));
            var message = Assert.Single(await LeaseAsync(queue, 1));
            Assert.True(await DeadLetterMove.MoveAsync(Engine, queue, queue.Name + "_error", message, Failed(type), Lease));
        }

        return Engine.Queue(queue.Name + "_error");
    }

    static async Task ClassifyAllAsync(MessageQueue queue)
    {
        for (var i = 0; !await queue.ClassifyAsync(); i++)
            Assert.True(i < 1_000, "The walk does not end.");
    }

    static async Task<Dictionary<string, long>> CountGroupsAsync(MessageQueue queue) =>
        (await queue.ListGroupsAsync()).Groups.ToDictionary(x => x.Id, x => x.Count, StringComparer.Ordinal);

    [SkippableFact]
    public async Task Dead_letters_are_counted_by_the_exception_and_the_place_it_was_thrown_at()
    {
        var error = await FailAsync(NewQueue(), "Timeout", "Timeout", "Refused", "Timeout");

        var groups = await error.ListGroupsAsync();

        Assert.Equal((4L, 0L, false), (groups.Total, groups.Ungrouped, groups.Drifted));
        var timeout = groups.Groups.Single(x => x.Count == 3);
        Assert.Equal((GroupOf("Timeout"), "Timeout at Shop.Bank.ChargeTimeout", 0L, null),
            (timeout.Id, timeout.Title, timeout.Again, timeout.Note));
        Assert.True(timeout.First < timeout.Last || timeout.First == timeout.Last);
        Assert.Equal((await error.PeekAsync(MessageState.Ready, 3, 1))[0].Key, timeout.LastKey);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task A_group_goes_with_its_last_message_and_takes_its_note_along()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, "Timeout", "Refused");
        Assert.True(await error.NoteAsync(GroupOf("Timeout"), "on it"));
        Assert.False(await error.NoteAsync("00000000000000ff", "nobody"));
        Assert.Equal("on it", (await error.ListGroupsAsync()).Groups.Single(x => x.Id == GroupOf("Timeout")).Note);

        var first = (await error.PeekAsync(MessageState.Ready, 0, 1))[0];
        Assert.Equal(1, await error.RequeueAsync(queue, [KeyValuePair.Create(first.Key, first.Record!.Value)]));

        Assert.Equal([GroupOf("Refused")], (await CountGroupsAsync(error)).Keys);
        await AssertInvariantsAsync(error);
        await FailAsync(queue, "Timeout");
        Assert.Null((await error.ListGroupsAsync()).Groups.Single(x => x.Id == GroupOf("Timeout")).Note);
    }

    [SkippableFact]
    public async Task What_came_back_after_a_replay_is_counted_in_its_group()
    {
        var queue = NewQueue();
        await SendAsync(queue, "a", "b");
        var leased = await LeaseAsync(queue);
        await DeadLetterMove.MoveAsync(Engine, queue, queue.Name + "_error", leased[0], Failed("Timeout", replays: 1), Lease);
        await DeadLetterMove.MoveAsync(Engine, queue, queue.Name + "_error", leased[1], Failed("Timeout"), Lease);

        var group = Assert.Single((await Engine.Queue(queue.Name + "_error").ListGroupsAsync()).Groups);

        Assert.Equal((2L, 1L), (group.Count, group.Again));
    }

    [SkippableFact]
    public async Task More_than_200_groups_are_counted_as_one_after_that()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, [.. Enumerable.Range(0, 210).Select(x => $"E{x}"), "E1"]);

        var groups = await error.ListGroupsAsync();

        Assert.Equal(201, groups.Groups.Length);
        Assert.Equal((10L, 2L, 0L), (groups.Groups.Single(x => x.Id == FailureFingerprint.Other).Count,
            groups.Groups.Single(x => x.Id == GroupOf("E1")).Count, groups.Ungrouped));
        await AssertInvariantsAsync(error);
        Assert.Equal(211, await error.PurgeAsync());
        Assert.Empty((await error.ListGroupsAsync()).Groups);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task Messages_that_nobody_has_grouped_are_grouped_in_steps_with_their_times()
    {
        var error = Engine.Queue(NewName() + "_error");
        await Task.WhenAll(Enumerable.Range(0, 700).Select(x => error.SendAsync(new OutgoingMessage(Failed($"E{x % 3}").Pack()))));
        await error.SendAsync(Message("no record at all"));
        await error.SendAsync(new OutgoingMessage(Failed("E0").Pack(), Delay: TimeSpan.FromMinutes(5), MessageCount: 4));
        Assert.Equal(705, (await error.ListGroupsAsync()).Ungrouped);

        Assert.False(await error.ClassifyAsync());
        Assert.Equal(455, (await error.ListGroupsAsync()).Ungrouped);
        await ClassifyAllAsync(error);

        var groups = await error.ListGroupsAsync();
        Assert.Equal(0, groups.Ungrouped);
        Assert.Equal([(GroupOf("E0"), 238L), (GroupOf("E1"), 233L), (GroupOf("E2"), 233L), (FailureFingerprint.Unreadable, 1L)],
            groups.Groups.OrderByDescending(x => x.Count).ThenBy(x => x.Title, StringComparer.Ordinal).Select(x => (x.Id, x.Count)));
        var first = groups.Groups.Single(x => x.Id == GroupOf("E1"));
        var keys = (await error.PeekAsync(MessageState.Ready, 0, 1_000)).Where(x => Text(x.Record).Contains("E1", StringComparison.Ordinal))
            .Select(x => x.Key).ToArray();
        Assert.Equal((keys[0], keys[^1]), (KeyAt(first.First), first.LastKey));
        await AssertInvariantsAsync(error);

        string KeyAt(long ms) =>
            keys.First(x => MessageKey.TryParse(Encoding.ASCII.GetBytes(x), out var key) && key.PlaceMilliseconds == ms);
    }

    [SkippableFact]
    public async Task A_page_of_a_group_holds_its_messages_and_goes_on_behind_what_was_looked_at()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, [.. Enumerable.Range(0, 12).Select(x => x % 4 == 1 ? "Rare" : "Common")]);
        var all = (await error.PeekAsync(MessageState.Ready, 0, 100)).Select(x => x.Key).ToArray();

        var page = await error.PageAsync(null, null, 2, GroupOf("Rare"));
        Assert.Equal([all[1], all[5]], page.Messages.Select(x => x.Key));
        Assert.True(page.HasMore);
        page = await error.PageAsync(page.LastScore, page.LastKey, 2, GroupOf("Rare"));
        Assert.Equal([all[9]], page.Messages.Select(x => x.Key));
        Assert.False(page.HasMore);
        Assert.Empty((await error.PageAsync(null, null, 100, "00000000000000ff")).Messages);
        Assert.Equal(all, (await error.PageAsync(null, null, 100)).Messages.Select(x => x.Key));
    }

    [SkippableFact]
    public async Task A_process_of_an_older_version_leaves_traces_that_are_found_and_removed()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, [.. Enumerable.Range(0, 600).Select(x => x % 2 == 0 ? "Even" : "Odd")]);
        var first = await error.PeekAsync(MessageState.Ready, 0, 200);
        foreach (var message in first.Concat(await error.PeekAsync(MessageState.Ready, 400, 1)))
        {
            // What its remove.lua does.
            await Raw.SortedSetRemoveAsync(error.Keys.Ready, message.Key);
            await Raw.HashDeleteAsync(error.Keys.Messages, message.Key);
            await Raw.HashIncrementAsync(error.Keys.Meta, "removed");
        }

        Assert.True((await error.ListGroupsAsync()).Drifted);
        // A server may pass over some of what is there while fields are removed, so that a second walk is needed.
        var groups = await error.ListGroupsAsync();
        for (var i = 0; FailureGroups.IsBehind(groups); i++, groups = await error.ListGroupsAsync())
        {
            Assert.True(i < 1_000, "The recount does not end.");
            await FailureGroups.StepAsync(error, groups, default);
        }

        Assert.Equal((399L, 0L, false), (groups.Total, groups.Ungrouped, groups.Drifted));
        await AssertInvariantsAsync(error);
        await error.RemoveAsync([(await error.PeekAsync(MessageState.Ready, 0, 1))[0].Key]);
        Assert.False((await error.ListGroupsAsync()).Drifted);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task Deleting_the_queue_deletes_its_groups()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, "Timeout");

        await error.DeleteAsync();

        Assert.Empty((await error.ListGroupsAsync()).Groups);
        await SendAsync(error, "new");
        Assert.Equal(1, (await error.ListGroupsAsync()).Ungrouped);
        await AssertInvariantsAsync(error);
    }

    /// <summary>Every way in and out of a dead-letter queue, at random, also by consumers of it.</summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Groups_count_what_is_there_after_any_moves(int seed)
    {
        var random = new Random(seed);
        var queue = NewQueue($"{nameof(Groups_count_what_is_there_after_any_moves)}{seed}");
        var error = Engine.Queue(queue.Name + "_error");
        var further = Engine.Queue(queue.Name + "_error_error");
        var held = new List<LeasedMessage>();
        string Type() => $"E{random.Next(5)}";
        LeasedMessage? Take()
        {
            if (held.Count == 0)
                return null;
            var at = random.Next(held.Count);
            var message = held[at];
            held.RemoveAt(at);
            return message;
        }

        for (var i = 0; i < 400; i++)
        {
            switch (random.Next(15))
            {
                case 0 or 1 or 2:
                    await queue.SendAsync(Message("m") with { MessageCount = 1 + random.Next(3) });
                    await DeadLetterMove.MoveAsync(Engine, queue, error.Name.Value, Assert.Single(await LeaseAsync(queue, 1)),
                        Failed(Type(), random.Next(2)), Lease);
                    break;
                case 3:
                    await error.SendAsync(
                        new OutgoingMessage(Failed(Type()).Pack(), CancelToken: $"t{i}", MessageCount: 1 + random.Next(3)));
                    break;
                case 4:
                    held.AddRange(await LeaseAsync(error, 1 + random.Next(3)));
                    break;
                case 5 when Take() is { } message:
                    await error.SettleAsync(message.Lease);
                    break;
                case 6 when Take() is { } message:
                    await error.ReleaseAsync([message.Lease], TimeSpan.Zero, failedDelivery: true);
                    break;
                case 7 when Take() is { } message:
                    await DeadLetterMove.MoveAsync(Engine, error, further.Name.Value, message, Failed(Type()), Lease);
                    break;
                case 8 when Take() is { } message:
                    await error.PutOffAsync(message.Lease, Failed(Type()).Pack(), TimeSpan.FromMinutes(5));
                    break;
                case 9 when Take() is { } message:
                    held.AddRange((await error.SplitAsync(message, Lease,
                        [.. Enumerable.Range(0, message.Key.MessageCount).Select(_ => (ReadOnlyMemory<byte>)Failed(Type()).Pack())]))!);
                    break;
                case 10 when Take() is { } message:
                    await EndLeasesAsync(error, message);
                    break;
                case 11:
                    await error.CancelAsync($"t{random.Next(i)}");
                    break;
                case 12 when await error.PeekAsync(MessageState.Ready, random.Next(5), 2) is { Count: > 0 } some:
                    await error.RequeueAsync(queue, [.. some.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]);
                    await queue.PurgeAsync();
                    break;
                case 13 when await error.PeekAsync(MessageState.Delayed, 0, 1) is { Count: > 0 } some:
                    await error.RemoveAsync([some[0].Key]);
                    break;
                case 14:
                    // Out into a file and back, some of them twice.
                    var letters = await ExportAsync(error);
                    await error.RemoveAsync([.. letters.Where(_ => random.Next(2) == 0).Select(x => x.Key)]);
                    await error.CreateImport().PutAsync(Pairs(letters));
                    break;
            }

            if (i % 50 == 0)
                await error.ClassifyAsync();
            if (i % 40 == 0)
                await AssertInvariantsAsync(error);
        }

        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);
        await AssertInvariantsAsync(further);
        while (FailureGroups.IsBehind(await error.ListGroupsAsync()) && held.Count > 0)
        {
            await error.ReleaseAsync([held[^1].Lease], TimeSpan.Zero, failedDelivery: false);
            held.RemoveAt(held.Count - 1);
            await ClassifyAllAsync(error);
        }

        await AssertInvariantsAsync(error);
        await error.PurgeAsync();
        await AssertInvariantsAsync(error);
    }
}
