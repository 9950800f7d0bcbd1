using System.Globalization;
using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>What receivers write down of themselves and of each minute.</summary>
public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_receiver_is_listed_with_what_it_says_until_it_leaves()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await BeatAsync(queue, "one", "first");
        await BeatAsync(queue, "two", "second");
        await BeatAsync(queue, "one", "third");

        var listed = await Engine.ListReceiversAsync(queue.Name.Value);
        Assert.Equal([("one", "third"), ("two", "second")], listed.Select(x => (x.Id, Text(x.Said))).Order());
        Assert.All(listed, x => Assert.InRange(x.ServerTime - x.LastBeat, TimeSpan.Zero, ReceiverBook.DeadAfter));

        await BeatAsync(queue, "two", "");
        await BeatAsync(queue, "two", "");
        Assert.Equal("one", Assert.Single(await Engine.ListReceiversAsync(queue.Name.Value)).Id);
        Assert.Equal(1, await Raw.HashLengthAsync(queue.Keys.Beats));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_receiver_that_is_silent_is_shown_for_ten_minutes_and_then_forgotten_by_the_beats_of_others()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await BeatAsync(queue, "crashed", "says");
        await SilenceAsync(queue, "crashed", TimeSpan.FromMinutes(9));
        var shown = Assert.Single(await Engine.ListReceiversAsync(queue.Name.Value));
        Assert.InRange(shown.ServerTime - shown.LastBeat, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));

        await SilenceAsync(queue, "crashed", TimeSpan.FromMinutes(11));
        Assert.Empty(await Engine.ListReceiversAsync(queue.Name.Value));
        Assert.Equal(1, await Raw.SortedSetLengthAsync(queue.Keys.Receivers));
        await BeatAsync(queue, "other", "says");
        Assert.Equal("other", Assert.Single(await Raw.SortedSetRangeByRankAsync(queue.Keys.Receivers)));
        Assert.Equal("other", Assert.Single(await Raw.HashKeysAsync(queue.Keys.Beats)));
        Assert.InRange((await Raw.KeyTimeToLiveAsync(queue.Keys.Receivers))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    [SkippableFact]
    public async Task The_first_beat_of_a_minute_keeps_its_figures_and_further_ones_do_not()
    {
        var queue = await SendAsync(NewQueue(), "a", "b", "c", "d", "e");
        await BeatAsync(queue, "one", "says");
        var first = Assert.Single(await HistoryAsync(queue));
        // Nothing is known of what happened before the first beat.
        Assert.Equal([5, 0, 0, 0], first.Values[..4]);
        Assert.Equal([0, 0, 0, 0], first.Values[5..]);

        var leased = await LeaseAsync(queue, 3);
        await queue.SettleAsync(leased[0].Lease);
        await queue.MoveAsync(leased[1].Lease, Engine.Queue(queue.Name.Value + QueueName.ErrorSuffix), leased[1].Record!.Value);
        await queue.SendAsync(Message("later", delay: TimeSpan.FromHours(1)));
        await NextMinuteAsync(queue);
        await BeatAsync(queue, "two", "says");
        await SendAsync(queue, "f");
        await BeatAsync(queue, "one", "says");

        var minutes = await HistoryAsync(queue);
        var second = minutes[1];
        // Ready, delayed, leased, dead; sent, completed, moved, reclaimed.
        Assert.Equal([2, 1, 1, 1], second.Values[..4]);
        Assert.Equal([1, 1, 1, 0], second.Values[5..]);
        // A third one only if the test itself has lasted into the next minute.
        Assert.All(minutes[2..], x => Assert.Equal([1, 0, 0, 0], x.Values[5..]));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_minute_that_follows_the_one_before_is_written_without_its_number()
    {
        var queue = await SendAsync(NewQueue(), "a", "b");
        await BeatAsync(queue, "one", "says");
        var now = (await HistoryAsync(queue))[^1].Minute;
        var before = $"{now / 60};{now % 60},7;";
        await Raw.HashSetAsync(queue.Keys.History, [new(now / 60 % 25, before), new("last", $"{now - 1},0,0,0,0")]);
        await BeatAsync(queue, "one", "says");

        var written = long.Parse(((string)(await Raw.HashGetAsync(queue.Keys.History, "last"))!).Split(',')[0],
            CultureInfo.InvariantCulture);
        var text = (string)(await Raw.HashGetAsync(queue.Keys.History, written / 60 % 25))!;
        // The test itself may last into the next minute, and even into the next hour.
        Assert.Matches(written == now ? $"^{before},2(,[0-9]*)*;$" : $";{written % 60},2(,[0-9]*)*;$", text);
    }

    [SkippableFact]
    public async Task The_age_of_the_next_message_is_kept_in_seconds()
    {
        var queue = NewQueue();
        var now = ((long)((RedisResult[])(await Raw.ExecuteAsync("TIME"))!)[0] - 1704067200) * 1_000_000;
        var old = $"00{now - 400_000_000:x13}0000000";
        await SendAsync(queue, "young");
        await Raw.HashSetAsync(queue.Keys.Messages, old, "old");
        await Raw.SortedSetAddAsync(queue.Keys.Ready, old, 1);

        await BeatAsync(queue, "one", "says");

        Assert.InRange(Assert.Single(await HistoryAsync(queue)).Values[4], 399, 460);
    }

    [SkippableFact]
    public async Task The_history_of_a_day_goes_round_and_what_cannot_be_read_is_passed_over()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await BeatAsync(queue, "one", "says");
        var (now, _) = await Engine.ReadHistoryAsync(queue.Name.Value, ReceiverBook.Day);
        var hour = (long)(now - MessageKey.Epoch).TotalHours;
        await Raw.HashSetAsync(queue.Keys.History,
        [
            new((hour - 1) % 25, $"{hour - 1};0,7;,8,,,9;;59;;"),
            // Of a day before, which this place was used for.
            new((hour - 2) % 25, $"{hour - 27};5,7;"),
            new((hour - 3) % 25, "no figures"),
            new((hour - 4) % 25, $"{hour - 4};60,1;x,1;-1,1;3,x,5,99999999999999999999;;,;"),
        ]);

        var minutes = await HistoryAsync(queue);
        var before = minutes.Where(x => x.Minute / 60 == hour - 1).ToArray();
        Assert.Equal([(0, 7, 0), (1, 8, 9), (2, 0, 0), (59, 0, 0)], before.Select(x => (x.Minute % 60, x.Values[0], x.Values[3])));
        Assert.Equal([(hour - 4, 3L, 0L, 5L), (hour - 4, 4L, 0L, 0L), (hour - 4, 5L, 0L, 0L)], minutes.Where(x => x.Minute / 60 < hour - 1)
            .Select(x => (x.Minute / 60, x.Minute % 60, x.Values[0], x.Values[1])));
        // Only what was asked for: the last minutes.
        Assert.True((await Engine.ReadHistoryAsync(queue.Name.Value, TimeSpan.FromMinutes(1))).Minutes.Length <= 1);
        Assert.All(minutes, x => Assert.True(x.Minute <= (now - MessageKey.Epoch).TotalMinutes + 1));
        Assert.InRange((await Raw.KeyTimeToLiveAsync(queue.Keys.History))!.Value, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
    }

    [SkippableFact]
    public async Task A_counter_that_begins_anew_and_a_clock_that_goes_back_give_no_nonsense()
    {
        var queue = await SendAsync(NewQueue(), "a", "b");
        await BeatAsync(queue, "one", "says");
        var minute = (await HistoryAsync(queue))[^1].Minute;
        // The queue was deleted and filled again: what it counts now is what has happened.
        await Raw.HashSetAsync(queue.Keys.History, "last", $"{minute - 2},1000,500,3,4");
        await BeatAsync(queue, "one", "says");
        var anew = (await HistoryAsync(queue))[^1];
        Assert.Equal([2, 0, 0, 0], anew.Values[5..]);

        foreach (var last in (string[])[$"{minute + 10},0,0,0,0", "nonsense", ",,,,", $"{minute - 2}"])
        {
            var length = (await HistoryAsync(queue)).Length;
            await Raw.HashSetAsync(queue.Keys.History, "last", last);
            await BeatAsync(queue, "one", "says");
            Assert.InRange((await HistoryAsync(queue)).Length, length, length + 1);
        }
    }

    [SkippableFact]
    public async Task A_deleted_queue_leaves_nothing_of_its_receivers()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await BeatAsync(queue, "one", "says");
        await Engine.DeleteQueueAsync(queue.Name.Value);

        foreach (var key in (RedisKey[])[.. queue.Keys.All, .. queue.Keys.Beside])
            Assert.False(await Raw.KeyExistsAsync(key), key.ToString());
    }

    [SkippableFact]
    public async Task A_key_of_another_type_refuses_a_beat_before_anything_is_written()
    {
        var queue = await SendAsync(NewQueue(), "a");
        await Raw.StringSetAsync(queue.Keys.History, "foreign");

        var exception = await Assert.ThrowsAsync<RedisTransportException>(() => BeatAsync(queue, "one", "says"));
        Assert.False(exception.IsTransient);
        Assert.False(await Raw.KeyExistsAsync(queue.Keys.Receivers));
    }

    Task BeatAsync(MessageQueue queue, string receiver, string said) =>
        Engine.BeatAsync(queue.Name, receiver, Encoding.UTF8.GetBytes(said));

    async Task<MinuteFigures[]> HistoryAsync(MessageQueue queue) =>
        (await Engine.ReadHistoryAsync(queue.Name.Value, ReceiverBook.Day)).Minutes;

    /// <summary>What the passing of some minutes does: the last figures are of one before.</summary>
    async Task NextMinuteAsync(MessageQueue queue)
    {
        var last = ((string)(await Raw.HashGetAsync(queue.Keys.History, "last"))!).Split(',', 2);
        await Raw.HashSetAsync(queue.Keys.History, "last",
            $"{long.Parse(last[0], CultureInfo.InvariantCulture) - 2},{last[1]}");
    }

    Task<double> SilenceAsync(MessageQueue queue, string receiver, TimeSpan silence) =>
        Raw.SortedSetDecrementAsync(queue.Keys.Receivers, receiver, silence.TotalMilliseconds);
}
