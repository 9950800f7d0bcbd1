using System.Collections.Concurrent;
using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Data that others have damaged, and servers that have forgotten.</summary>
public abstract partial class QueueEngineTests
{
    [SkippableTheory]
    [InlineData("ready")]
    [InlineData("delayed")]
    [InlineData("leased")]
    [InlineData("messages")]
    [InlineData("deliveries")]
    [InlineData("meta")]
    public async Task A_key_of_another_type_is_refused_with_the_cure_and_nothing_is_written(string key)
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        await Raw.StringSetAsync(queue.Keys.All.Single(x => x.ToString().EndsWith(":" + key, StringComparison.Ordinal)), "foreign");
        var handle = LeaseHandle.Create(Encoding.ASCII.GetBytes(new MessageKey(1, 2, 3).ToString()), "t");
        var message =
            Message("m", delay: TimeSpan.FromMinutes(1)) with { CancelToken = "t", DedupeId = "d", DedupeWindow = TimeSpan.FromMinutes(1) };
        KeyValuePair<string, ReadOnlyMemory<byte>>[] replay = [new("k", new byte[] { 1 })];

        Func<Task>[] operations =
        [
            () => queue.SendAsync(message), () => queue.SendAsync(Message("m")), () => queue.CreateReader().LeaseAsync(1, Lease),
            () => queue.SettleAsync(handle), () =>
                queue.RenewAsync([handle], Lease), () => queue.ReleaseAsync([handle], TimeSpan.Zero, true),
            () => queue.MoveAsync(handle, error, default), () => error.RequeueAsync(queue, replay), () => queue.RequeueAsync(error, replay),
            () => queue.DeclareAsync(new QueueSettings()), () => queue.TouchAsync(), () => queue.CancelAsync("t"), () => queue.CountAsync(),
            () => queue.PeekAsync(MessageState.Ready, 0, 1), () => queue.RemoveAsync(["k"]), () => queue.PurgeAsync(),
        ];
        foreach (var operation in operations)
        {
            var exception = await Assert.ThrowsAsync<RedisTransportException>(operation);
            Assert.False(exception.IsTransient);
            Assert.Contains("KeyPrefix", exception.Message, StringComparison.Ordinal);
        }

        var keys = queue.Keys.All.Concat(error.Keys.All).Append(queue.Keys.Token("t")).Append(queue.Keys.Dedupe("d"));
        Assert.Equal(1, (await Task.WhenAll(keys.Select(x => Raw.KeyExistsAsync(x)))).Count(x => x));
    }

    [SkippableFact]
    public async Task A_message_without_its_record_is_delivered_as_such_and_can_be_settled()
    {
        var queue = await SendAsync(NewQueue(), "a", "b", "c");
        var victim = (await queue.PeekAsync(MessageState.Ready, 1, 1))[0].Key;
        await Raw.HashDeleteAsync(queue.Keys.Messages, victim);

        Assert.Equal(["a", "<none>", "c"], (await queue.PeekAsync(MessageState.Ready, 0, 10)).Select(x => Text(x.Record)));
        var messages = await LeaseAsync(queue);

        Assert.Equal(["a", "<none>", "c"], Texts(messages));
        Assert.Null(messages[1].Record);
        await AssertInvariantsAsync(queue, withoutRecord: 1);
        Assert.All(await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease))), Assert.True);
        await AssertInvariantsAsync(queue);
    }

    [SkippableTheory]
    [InlineData("foreign")]
    [InlineData("")]
    [InlineData("ffzz")]
    [InlineData("a member of another program that is longer than a key")]
    [InlineData("ff0000000000001 000000")]
    public async Task Foreign_members_do_not_stop_a_queue(string member)
    {
        var queue = NewQueue();
        await Raw.SortedSetAddAsync(queue.Keys.Ready, member, -1e15);
        await Raw.SortedSetAddAsync(queue.Keys.Delayed, member + "2", 1);
        await Raw.SortedSetAddAsync(queue.Keys.Leased, member + "3", 1);
        await queue.SendAsync(Message("delayed", delay: TimeSpan.FromMinutes(1)));
        await EndDelaysAsync(queue);
        await SendAsync(queue, "a", "b");

        var lane = queue.CreateReader();
        var received = new List<LeasedMessage>();
        for (var calls = 0; calls < 10 && received.Count < 3; calls++)
        {
            var result = await lane.LeaseAsync(1, Lease);
            received.AddRange(result.Messages);
            // Nothing but a foreign member was taken: there is more, and the receiver must not go to sleep.
            Assert.True(result.Messages.Length > 0 || result.NextDue == TimeSpan.Zero, $"Next due {result.NextDue}");
        }

        Assert.Equal(["a", "b", "delayed"], Texts(received).Order(StringComparer.Ordinal));
        Assert.All(await Task.WhenAll(received.Select(x => queue.SettleAsync(x.Lease))), Assert.True);
        await queue.PeekAsync(MessageState.Leased, 0, 100);
        Assert.Equal(0, (await queue.CountAsync()).Records);
    }

    [SkippableTheory]
    [InlineData("foreign")]
    [InlineData("")]
    [InlineData("FF0000000000001000000")]
    [InlineData("a member of another program that is longer than a key")]
    public async Task Foreign_members_leave_their_sets_and_what_they_name_is_found_as_a_stray(string member)
    {
        var queue = await SendAsync(NewQueue(), "ours");
        var sets = queue.Keys.All[..3];
        for (var i = 0; i < sets.Length; i++)
        {
            // Due, past any time, and before any.
            foreach (var (suffix, score) in (IEnumerable<(string, double)>)[("", 1), ("+", double.PositiveInfinity),
                ("-", double.NegativeInfinity)])
            {
                await Raw.SortedSetAddAsync(sets[i], member + i + suffix, score);
                await Raw.HashSetAsync(queue.Keys.Messages, member + i + suffix, "stray");
            }
        }

        var lane = queue.CreateReader();
        var received = new List<LeasedMessage>();
        LeaseResult result;
        var foreign = 0;
        for (var calls = 0; received.Count < 10; calls++)
        {
            Assert.InRange(calls, 0, 40);
            result = await lane.LeaseAsync(5, Lease);
            received.AddRange(result.Messages);
            foreign += result.Foreign;
        }

        Assert.Equal(9, foreign);
        Assert.Equal(Enumerable.Repeat("stray", 9), Texts(received.Where(x => x.Stray)));
        Assert.Equal(["ours"], Texts(received.Where(x => !x.Stray)));
        Assert.All(await Task.WhenAll(received.Select(x => queue.SettleAsync(x.Lease))), Assert.True);
        // Nothing goes round: the receiver can sleep.
        Assert.Null((await lane.LeaseAsync(5, Lease)).NextDue);
        Assert.Equal(0, (await queue.CountAsync()).Records);
        Assert.Equal(0, await Raw.SortedSetLengthAsync(queue.Keys.Ready) + await Raw.SortedSetLengthAsync(queue.Keys.Delayed)
            + await Raw.SortedSetLengthAsync(queue.Keys.Leased));
    }

    [SkippableFact]
    public async Task A_time_that_never_comes_is_replaced_by_that_of_the_key()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("delayed", delay: TimeSpan.FromMinutes(1)));
        await SendAsync(queue, "leased");
        var leased = Assert.Single(await LeaseAsync(queue));
        foreach (var set in queue.Keys.All[1..3])
            await Raw.SortedSetAddAsync(set, [new SortedSetEntry((await Raw.SortedSetRangeByRankAsync(set))[0], double.PositiveInfinity)]);
        await queue.SendAsync(Message("another", delay: TimeSpan.FromMinutes(2)));
        Assert.Equal(2, (await queue.PeekAsync(MessageState.Delayed, 0, 10)).Count);
        Assert.Single(await queue.PeekAsync(MessageState.Leased, 0, 10));

        var lane = queue.CreateReader();
        Assert.Equal(TimeSpan.Zero, (await lane.LeaseAsync(1, Lease)).NextDue);
        var due = (await lane.LeaseAsync(1, Lease)).NextDue;

        Assert.InRange(due!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.InRange((await Raw.SortedSetScoreAsync(queue.Keys.Leased, leased.Lease.Member))!.Value, 1, 1e15);
        await EndDelaysAsync(queue);
        await EndLeasesAsync(queue, leased);
        Assert.Equal(["another", "delayed", "leased"], (await LeaseTextsAsync(queue)).Order(StringComparer.Ordinal));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_record_that_has_fallen_out_of_its_set_is_found_and_what_is_sent_moved_or_split_meanwhile_is_not()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        for (var i = 0; i < 600; i++)
            await Raw.HashSetAsync(queue.Keys.Messages, new MessageKey(1, 1_000 + i, 0).ToString(), $"stray {i}");
        using var stop = new CancellationTokenSource();
        // Whichever receiver looks finds them.
        var strays = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var traffic = Task.WhenAll(Enumerable.Range(0, 3).Select(x => Task.Run(async () =>
        {
            var lane = queue.CreateReader();
            while (!stop.IsCancellationRequested)
            {
                await queue.SendAsync(Packed("m", 3, 9));
                foreach (var message in (await lane.LeaseAsync(1, Lease)).Messages)
                {
                    if (message.Stray)
                    {
                        strays[Text(message.Record)] = true;
                        await queue.SettleAsync(message.Lease);
                    }
                    else if (x == 0)
                    {
                        await queue.MoveAsync(message.Lease, error, Bytes("m"));
                    }
                    else if (x == 1)
                    {
                        await queue.ReleaseAsync([message.Lease], Lease, failedDelivery: false);
                    }
                    else
                    {
                        await Task.WhenAll((await queue.SplitAsync(message, Lease, [Bytes("m"), Bytes("m")]))
                            ?.Select(y => queue.SettleAsync(y.Lease)) ?? []);
                    }
                }
            }
        })));

        var sweeper = queue.CreateReader();
        await Eventually.TrueAsync(async () =>
        {
            foreach (var message in (await sweeper.LeaseAsync(1, Lease)).Messages)
            {
                Assert.Equal(message.Stray, Text(message.Record).StartsWith("stray", StringComparison.Ordinal));
                if (message.Stray)
                    strays[Text(message.Record)] = true;
                await queue.SettleAsync(message.Lease);
            }

            return (await Raw.HashKeysAsync(queue.Keys.Messages)).All(x => !x.ToString().StartsWith("0100", StringComparison.Ordinal));
        });
        await stop.CancelAsync();
        await traffic;

        Assert.Equal(Enumerable.Range(0, 600).Select(x => $"stray {x}").Order(StringComparer.Ordinal),
            strays.Keys.Order(StringComparer.Ordinal));
        await queue.PurgeAsync();
        Assert.Empty(await LeaseAsync(queue));
    }

    [SkippableFact]
    public async Task A_lane_that_holds_a_later_call_confirms_nothing_that_is_not_stored()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await foreach (var key in Server.Admin.GetServers().First(x => !x.IsReplica).KeysAsync(Server.Database, $"*{queue.Name}*lane*"))
            await Raw.StringSetAsync(key, "999999 0");

        await SendAsync(queue, "b", "c");

        Assert.Equal(["a", "b", "c"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task Scripts_are_loaded_again_when_the_server_has_forgotten_them()
    {
        var queue = NewQueue();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(x => queue.SendAsync(Message($"{x}"))));
        await FlushScriptsAsync();

        await SendAsync(queue, "after");
        await FlushScriptsAsync();
        var messages = await LeaseAsync(queue);
        await FlushScriptsAsync();
        Assert.All(await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease))), Assert.True);

        Assert.Equal(101, messages.Length);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Scripts_flushed_under_load_lose_and_repeat_nothing()
    {
        var queue = NewQueue();
        var flushing = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
                await FlushScriptsAsync();
        });

        var sends = Enumerable.Range(0, 2_000).Select(x => queue.SendAsync(Message($"{x}"))).ToArray();
        var received = new List<string>();
        await Eventually.TrueAsync(async () =>
        {
            var messages = await LeaseAsync(queue, 100);
            received.AddRange(Texts(messages));
            await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease)));
            return received.Count >= 2_000;
        });
        await Task.WhenAll(sends);
        await flushing;

        Assert.Equal(Enumerable.Range(0, 2_000), received.Select(int.Parse).Order());
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_clock_that_goes_back_does_not_change_the_order()
    {
        var queue = await SendAsync(NewQueue(), "a");
        // As if the last message had been sent by a server whose clock was an hour ahead.
        var ahead = (long)(DateTimeOffset.UtcNow.AddHours(1) - MessageKey.Epoch).TotalMicroseconds;
        await Raw.HashSetAsync(queue.Keys.Meta, "place", ahead);

        await SendAsync(queue, "b", "c");

        Assert.Equal(["a", "b", "c"], await LeaseTextsAsync(queue));
        Assert.Equal(ahead + 2, (long)await Raw.HashGetAsync(queue.Keys.Meta, "place"));
        await AssertInvariantsAsync(queue);
    }

    async Task FlushScriptsAsync()
    {
        foreach (var server in Server.Admin.GetServers().Where(x => x.IsConnected && !x.IsReplica))
            await server.ExecuteAsync("SCRIPT", "FLUSH");
    }
}
