using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task Priority_is_strict_and_order_inside_a_priority_is_first_in_first_out()
    {
        var queue = NewQueue();
        var sent = Enumerable.Range(0, 300).Select(x => (Priority: (byte)(x * 7 % 256), Text: $"{x}")).ToArray();

        await Task.WhenAll(sent.Select(x => queue.SendAsync(Message(x.Text, x.Priority))));

        Assert.Equal(sent.OrderByDescending(x => x.Priority).Select(x => x.Text), await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task A_more_urgent_message_that_comes_later_goes_first()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("low", 0));
        await queue.SendAsync(Message("middle", 254));
        await queue.SendAsync(Message("high", 255));

        Assert.Equal(["high"], await LeaseTextsAsync(queue, 1));
        Assert.Equal(["middle", "low"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task Strict_priority_holds_however_long_the_others_have_waited()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await SendAsync(queue, "old");
        await ShiftIntoThePastAsync(queue, TimeSpan.FromDays(300));
        await queue.SendAsync(Message("new", 1));

        Assert.Equal(["new", "old"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task Aging_gives_a_waiting_message_its_turn_after_its_bound_and_not_before()
    {
        var queue = NewQueue();
        var aging = TimeSpan.FromHours(1);
        await queue.DeclareAsync(new QueueSettings(aging));
        await queue.SendAsync(Message("waited 5 h 59", 0));
        await ShiftIntoThePastAsync(queue, TimeSpan.FromMinutes(359));
        await queue.SendAsync(Message("6 steps more urgent", 6));

        Assert.Equal(["6 steps more urgent", "waited 5 h 59"], await LeaseTextsAsync(queue));

        await queue.SendAsync(Message("waited 6 h 01", 0));
        await ShiftIntoThePastAsync(queue, TimeSpan.FromMinutes(361));
        await queue.SendAsync(Message("6 steps more urgent again", 6));

        Assert.Equal(["waited 6 h 01", "6 steps more urgent again"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task A_low_priority_is_not_starved_by_a_stream_of_urgent_messages_when_the_queue_ages()
    {
        var queue = NewQueue();
        // One step of priority is worth 10 messages that arrive at least a microsecond apart.
        await queue.DeclareAsync(new QueueSettings(TimeSpan.FromMicroseconds(10)));
        await queue.SendAsync(Message("low", 0));

        for (var overtaken = 0; overtaken < 5; overtaken++)
        {
            await queue.SendAsync(Message("urgent", 200));
            // 200 steps of 10 us: whatever the server's speed, a message sent 2 ms after "low" is behind it.
            await WaitForServerTimeAsync(TimeSpan.FromMilliseconds(3));
        }

        var texts = await LeaseTextsAsync(queue);
        Assert.InRange(Array.IndexOf(texts, "low"), 0, 1);
    }

    [SkippableFact]
    public async Task The_sequence_number_orders_messages_as_the_queue_does()
    {
        foreach (var aging in (TimeSpan?[])[null, TimeSpan.FromMilliseconds(5)])
        {
            var queue = NewQueue();
            await queue.DeclareAsync(new QueueSettings(aging));
            await Task.WhenAll(Enumerable.Range(0, 200).Select(x => queue.SendAsync(Message($"{x}", (byte)(x % 7)))));

            var numbers = (await LeaseAsync(queue)).Select(x => x.Key.SequenceNumber(aging)).ToArray();

            Assert.Equal(200, numbers.Length);
            Assert.Equal(numbers.Order(), numbers);
        }
    }

    [SkippableFact]
    public async Task A_delayed_message_has_its_priority_once_it_is_due()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("delayed, urgent", 9, TimeSpan.FromMinutes(1)));
        await queue.SendAsync(Message("ready", 1));
        await EndDelaysAsync(queue);

        Assert.Equal(["delayed, urgent", "ready"], await LeaseTextsAsync(queue));
    }

    [SkippableFact]
    public async Task Messages_due_at_different_times_come_in_the_order_of_their_due_times()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("third", delay: TimeSpan.FromSeconds(90)));
        await queue.SendAsync(Message("first", delay: TimeSpan.FromSeconds(30)));
        await queue.SendAsync(Message("second", delay: TimeSpan.FromSeconds(60)));
        await EndDelaysAsync(queue);

        Assert.Equal(["first", "second", "third"], await LeaseTextsAsync(queue));
    }

    /// <summary>Rewrites what waits as if it had been sent earlier: key, record and score.</summary>
    internal async Task ShiftIntoThePastAsync(MessageQueue queue, TimeSpan time)
    {
        foreach (var entry in await Raw.SortedSetRangeByRankWithScoresAsync(queue.Keys.Ready))
        {
            Assert.True(MessageKey.TryParse((byte[])entry.Element!, out var key));
            var microseconds = time.Ticks / TimeSpan.TicksPerMicrosecond;
            var shifted = (key with { Place = key.Place - microseconds }).ToString();
            await Raw.HashSetAsync(queue.Keys.Messages, shifted, await Raw.HashGetAsync(queue.Keys.Messages, entry.Element));
            await Raw.HashDeleteAsync(queue.Keys.Messages, entry.Element);
            await Raw.SortedSetRemoveAsync(queue.Keys.Ready, entry.Element);
            await Raw.SortedSetAddAsync(queue.Keys.Ready, shifted, entry.Score - microseconds);
        }
    }

    /// <summary>Until the server's own clock has gone on by so much.</summary>
    internal async Task WaitForServerTimeAsync(TimeSpan time)
    {
        var since = await ServerTimeAsync();
        await Eventually.TrueAsync(async () => await ServerTimeAsync() - since >= time);
    }

    internal async Task<TimeSpan> ServerTimeAsync()
    {
        var answer = (StackExchange.Redis.RedisValue[])(await Raw.ExecuteAsync("TIME"))!;
        return TimeSpan.FromSeconds((long)answer[0]) + TimeSpan.FromMicroseconds((long)answer[1]);
    }
}
