using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>The reply was lost after the script ran, and the client sends the same call again.</summary>
public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_repeated_send_stores_nothing_twice_and_tells_the_same()
    {
        var queue = NewQueue();
        var keys = queue.Keys;
        RedisValue[] call =
            [1, 60_000, 0, keys.WakeChannelName, 4, 1, 2, 5, 0, "a", 5, 60_000, "b", 5, 0, "c", 5, 0, "c", 2, 3, 60_000, 4, 60_000];

        var (first, second) =
            await TwiceAsync(ScriptCatalog.Send, [.. keys.All, keys.Lane("l"), keys.Token("t"), keys.Dedupe("d"), keys.Dedupe("d")], call);

        Assert.Equal([3, 1, 4], Integers(first));
        Assert.Equal([-2, 1, 4], Integers(second));
        Assert.Equal(3, (await queue.CountAsync()).Sent);
        Assert.True(await queue.CancelAsync("t"));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_send_that_comes_after_a_later_one_of_the_same_sender_is_not_applied()
    {
        var queue = NewQueue();
        var keys = queue.Keys;
        var runner = new ScriptCaller(Engine.Connection);
        Task<RedisResult> Send(int number) =>
            runner.RunAsync(ScriptCatalog.Send, [.. keys.All, keys.Lane("l")],
                [number, 60_000, 0, keys.WakeChannelName, 1, 0, 0, 0, 0, $"{number}"]);

        await Send(9);
        Assert.Equal(Lost(-3, 0), Integers(await Send(8)));
        Assert.Equal(Lost(1, 0), Integers(await Send(10)));
        Assert.Equal(["9", "10"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task A_repeated_settle_says_gone_and_counts_once()
    {
        var queue = await SendAsync(NewQueue(), "a", "b");
        var leases = await LeaseAsync(queue);

        var (first, second) = await TwiceAsync(ScriptCatalog.Settle, queue.Keys.All, [.. leases.Select(x => (RedisValue)x.Lease.Member)]);

        Assert.Empty(Integers(first));
        Assert.Equal([-1, -2], Integers(second));
        Assert.Equal(2, (await queue.CountAsync()).Completed);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_repeated_renewal_renews_again()
    {
        var queue = await SendAsync(NewQueue(), "a");
        var lease = Assert.Single(await LeaseAsync(queue)).Lease;

        var (first, second) = await TwiceAsync(ScriptCatalog.Renew, queue.Keys.All, 60_000, lease.Member);

        Assert.Empty(Integers(first));
        Assert.Empty(Integers(second));
        await AssertInvariantsAsync(queue);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(60_000)]
    public async Task A_repeated_release_gives_back_once_and_counts_once(int delay)
    {
        var queue = await SendAsync(NewQueue(), "a");
        var lease = Assert.Single(await LeaseAsync(queue)).Lease;

        var (first, second) = await TwiceAsync(ScriptCatalog.Release, queue.Keys.All, delay, 1, queue.Keys.WakeChannelName, lease.Member);

        Assert.Empty(Integers(first));
        Assert.Equal([1], Integers(second));
        await EndDelaysAsync(queue);
        Assert.Equal(1, Assert.Single(await LeaseAsync(queue)).DeliveryCount);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_repeated_move_leaves_one_message_in_the_target()
    {
        var queue = await SendAsync(NewQueue(), "a");
        var error = Engine.Queue(queue.Name + "_error");
        var lease = Assert.Single(await LeaseAsync(queue)).Lease;

        var (first, second) =
            await TwiceAsync(ScriptCatalog.Move, [.. queue.Keys.All, .. error.Keys.All, error.Keys.Operation("")], lease.Member,
                error.Keys.WakeChannelName, "dead", "00000000000000aa", "failed", 0, 0);

        Assert.Equal(MoveOutcome.Moved, (MoveOutcome)(int)first);
        Assert.Equal(MoveOutcome.Gone, (MoveOutcome)(int)second);
        Assert.Equal(["dead"], await LeaseTextsAsync(error));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task A_repeated_replay_moves_nothing_twice()
    {
        var error = await SendAsync(Engine.Queue(NewName() + "_error"), "a", "b");
        var queue = Engine.Queue(error.Name.Tag);
        var keys = (await error.PeekAsync(MessageState.Ready, 0, 10)).Select(x => x.Key).ToArray();

        var (first, second) = await TwiceAsync(ScriptCatalog.Requeue,
            [.. error.Keys.All, .. queue.Keys.All, error.Keys.Operation(""), error.Keys.Trash, error.Keys.TrashTimes],
            queue.Keys.WakeChannelName, "", 0, "", "", 0, 0, "", 0, "", keys[0], "a again", keys[1], "b again");

        Assert.Equal((2, 0), ((int)first, (int)second));
        Assert.Equal(["a again", "b again"], await LeaseTextsAsync(queue));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task A_repeated_removal_removes_nothing_else()
    {
        var queue = await SendAsync(NewQueue(), "a", "b");
        var key = (await queue.PeekAsync(MessageState.Ready, 0, 1))[0].Key;

        var (first, second) = await TwiceAsync(ScriptCatalog.Remove, queue.Keys.All, 0, key);

        Assert.Equal((1, 0), ((int)first, (int)second));
        Assert.Equal(["b"], await LeaseTextsAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_repeated_cancel_knows_that_it_was_the_one()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("a", delay: TimeSpan.FromMinutes(1)) with { CancelToken = "t" });
        RedisKey[] keys = [.. queue.Keys.All, queue.Keys.Token("t")];

        var (first, second) = await TwiceAsync(ScriptCatalog.Cancel, keys, "call-1", 60_000);

        Assert.Equal((1, 1), ((int)first, (int)second));
        Assert.Equal(0, (int)await new ScriptCaller(Engine.Connection).RunAsync(ScriptCatalog.Cancel, keys, ["call-2", 60_000]));
        Assert.Equal(1, (await queue.CountAsync()).Cancelled);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_repeated_declaration_and_touch_change_nothing()
    {
        var queue = NewQueue();

        var (first, second) = await TwiceAsync(ScriptCatalog.Declare, queue.Keys.All, 0, 60_000);
        Assert.Equal((1, 0), ((int)first, (int)second));
        (first, second) = await TwiceAsync(ScriptCatalog.Touch, queue.Keys.All);
        Assert.Equal((1, 1), ((int)first, (int)second));
    }

    [SkippableFact]
    public async Task A_repeated_lease_call_takes_others_and_the_first_are_found_by_their_token()
    {
        var queue = await SendAsync(NewQueue(), "a", "b", "c", "d");

        var (first, second) =
            await TwiceAsync(ScriptCatalog.Lease, queue.Keys.All, "token", 2, 60_000, queue.Keys.WakeChannelName, 1_000_000);
        var found = (RedisResult[])(await new ScriptCaller(Engine.Connection)
            .RunAsync(ScriptCatalog.Recover, queue.Keys.All, ["token", 0, 0]))!;

        Assert.Equal(["a", "b"], (string[])((RedisResult[])first!)[5]!);
        var messages = ((string[])((RedisResult[])first!)[4]!).Concat((string[])((RedisResult[])second!)[4]!);
        Assert.Equal(["c", "d"], (string[])((RedisResult[])second!)[5]!);
        Assert.Equal(messages, (string[])found[3]!);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_lease_call_settles_what_is_finished_and_its_repetition_says_gone()
    {
        var queue = await SendAsync(NewQueue(), "a", "b", "c");
        var finished = await LeaseAsync(queue, 2);
        await EndLeasesAsync(queue, finished[1]);
        var owner = Assert.Single(await LeaseAsync(queue, 1));
        Assert.Equal(finished[1].Key, owner.Key);

        var (first, second) = await TwiceAsync(ScriptCatalog.Lease, queue.Keys.All,
            "token", 10, 60_000, queue.Keys.WakeChannelName, 1_000_000, 1, finished[0].Lease.Member, finished[1].Lease.Member);

        Assert.Equal([2], Integers(((RedisResult[])first!)[7]));
        Assert.Equal(["c"], (string[])((RedisResult[])first!)[5]!);
        Assert.Equal([-1, 2], Integers(((RedisResult[])second!)[7]));
        Assert.Equal(1, (await queue.CountAsync()).Completed);
        Assert.True(await queue.SettleAsync(owner.Lease));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Recovery_finds_only_its_own_token_and_nothing_that_ends_too_early()
    {
        var queue = await SendAsync(NewQueue(), "a", "b");
        var runner = new ScriptCaller(Engine.Connection);
        await runner.RunAsync(ScriptCatalog.Lease, queue.Keys.All, ["one", 1, 60_000, "c", 1_000_000]);
        await runner.RunAsync(ScriptCatalog.Lease, queue.Keys.All, ["anotherone", 1, 60_000, "c", 1_000_000]);

        async Task<string[]> FindAsync(string token, long earliest) =>
            (string[])((RedisResult[])(await runner.RunAsync(ScriptCatalog.Recover, queue.Keys.All, [token, earliest, 0]))!)[3]!;

        Assert.Single(await FindAsync("one", 0));
        Assert.Empty(await FindAsync("nobody", 0));
        Assert.Empty(await FindAsync("one", (long)(DateTimeOffset.UtcNow.AddYears(1) - MessageKey.Epoch).TotalMilliseconds));
    }

    [SkippableFact]
    public async Task Recovery_looks_through_thousands_of_other_leases_in_pages()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 2_500).Select(x => queue.SendAsync(Message($"{x}"))));
        while (await LeaseAsync(queue) is { Length: > 0 })
        {
        }

        await SendAsync(queue, "mine");
        var runner = new ScriptCaller(Engine.Connection);
        await runner.RunAsync(ScriptCatalog.Lease, queue.Keys.All, ["mine", 1, (long)Lease.TotalMilliseconds * 2, "c", 1_000_000]);

        var found = new List<string>();
        for (var offset = 0; ; offset += 1_000)
        {
            var page = (RedisResult[])(await runner.RunAsync(ScriptCatalog.Recover, queue.Keys.All, ["mine", 0, offset]))!;
            found.AddRange((string[])page[3]!);
            if ((int)page[1] == 0)
                break;
        }

        Assert.Equal("mine", (string?)await Raw.HashGetAsync(queue.Keys.Messages, Assert.Single(found)));
    }
}
