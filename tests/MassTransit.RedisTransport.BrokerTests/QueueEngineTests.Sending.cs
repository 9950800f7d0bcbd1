using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_sent_message_is_stored_once_and_comes_out_byte_for_byte()
    {
        var queue = NewQueue();
        byte[] record = [.. Enumerable.Range(0, 256).Select(x => (byte)x)];

        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(new OutgoingMessage(record, 7)));

        var message = Assert.Single(await LeaseAsync(queue));
        Assert.Equal(record, message.Record!.Value.ToArray());
        Assert.Equal(7, message.Key.Priority);
        Assert.Equal(0, message.DeliveryCount);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Many_sends_in_flight_share_calls_and_each_is_stored_once_in_order()
    {
        var queue = NewQueue();
        var texts = Enumerable.Range(0, 3_500).Select(x => $"m{x}").ToArray();

        var outcomes = await Task.WhenAll(texts.Select(x => queue.SendAsync(Message(x))));

        Assert.All(outcomes, x => Assert.Equal(SendOutcome.Stored, x));
        Assert.Equal(texts, await DrainAsync(queue));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Senders_of_several_processes_lose_nothing_and_repeat_nothing()
    {
        var name = NewName();
        await using var other = Server.CreateEngine();
        MessageQueue[] queues = [Engine.Queue(name), other.Queue(name)];

        await Task.WhenAll(Enumerable.Range(0, 1_000)
            .Select(x => queues[x % 2].SendAsync(Message($"{x}", (byte)(x % 5), TimeSpan.FromMilliseconds(x % 3)))));
        await EndDelaysAsync(queues[0]);

        Assert.Equal(Enumerable.Range(0, 1_000), (await DrainAsync(queues[1])).Select(int.Parse).Order());
        await AssertInvariantsAsync(queues[0]);
    }

    [SkippableFact]
    public async Task A_large_record_passes()
    {
        var queue = NewQueue();
        var record = new byte[6 * 1024 * 1024];
        Random.Shared.NextBytes(record);

        await Task.WhenAll(queue.SendAsync(new OutgoingMessage(record)), queue.SendAsync(new OutgoingMessage(record)));

        Assert.All(await LeaseAsync(queue), x => Assert.True(x.Record!.Value.Span.SequenceEqual(record)));
    }

    [SkippableFact]
    public async Task An_empty_record_is_a_message()
    {
        var queue = NewQueue();

        await queue.SendAsync(new OutgoingMessage(Array.Empty<byte>()));

        Assert.Equal(0, Assert.Single(await LeaseAsync(queue)).Record!.Value.Length);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_time_to_live_travels_in_the_record()
    {
        var queue = NewQueue();
        var record = new MessageRecord
        {
            MessageId = Guid.NewGuid(),
            TimeToLive = TimeSpan.FromSeconds(3),
            Headers = [new("h", 1)],
            Body = new byte[] { 1 }
        };

        await queue.SendAsync(new OutgoingMessage(record.Pack()));

        Assert.True(MessageRecord.TryParse(Assert.Single(await LeaseAsync(queue)).Record!.Value, out var read));
        Assert.Equal(record.TimeToLive, read.TimeToLive);
        Assert.Equal(record.MessageId, read.MessageId);
    }

    [SkippableFact]
    public async Task A_second_message_with_the_same_dedupe_id_is_refused_within_the_window()
    {
        var queue = NewQueue();
        var message = Message("one") with { DedupeId = "id-1", DedupeWindow = TimeSpan.FromMinutes(1) };

        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(message));
        Assert.Equal(SendOutcome.Duplicate, await queue.SendAsync(message));
        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(message with { DedupeId = "id-2" }));
        Assert.InRange((await Raw.KeyTimeToLiveAsync(queue.Keys.Dedupe("id-1")))!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));

        // The window ends.
        await Raw.KeyDeleteAsync(queue.Keys.Dedupe("id-1"));
        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(message));
        Assert.Equal(3, (await LeaseAsync(queue)).Length);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Duplicates_in_flight_together_leave_one_and_each_sender_is_told()
    {
        var queue = NewQueue();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(x => queue.SendAsync(
            Message($"{x % 20}", delay: TimeSpan.FromMinutes(x % 2)) with
            {
                DedupeId = $"id-{x % 20}",
                DedupeWindow = TimeSpan.FromMinutes(1)
            })));

        Assert.Equal(20, outcomes.Count(x => x == SendOutcome.Stored));
        Assert.Equal(40, outcomes.Count(x => x == SendOutcome.Duplicate));
        Assert.All(outcomes.Take(20), x => Assert.Equal(SendOutcome.Stored, x));
        var counts = await queue.CountAsync();
        Assert.Equal((10, 10, 20), (counts.Ready, counts.Delayed, counts.Sent));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_message_for_a_temporary_queue_that_is_gone_is_not_stored()
    {
        var queue = NewQueue();

        Assert.Equal(SendOutcome.QueueGone, await queue.SendAsync(Message("m"), onlyIfExists: true));
        Assert.All(await Task.WhenAll(queue.Keys.All.Select(x => Raw.KeyExistsAsync(x))), Assert.False);

        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(1)));
        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(Message("m"), onlyIfExists: true));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_send_that_was_cancelled_before_it_began_stores_nothing()
    {
        var queue = NewQueue();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.SendAsync(Message("m"), cancellationToken: cancelled.Token));

        Assert.False((await queue.CountAsync()).Exists);
    }

    [SkippableFact]
    public async Task A_sender_that_stops_waiting_is_let_go_and_what_was_confirmed_is_stored()
    {
        var queue = NewQueue();
        using var cancelled = new CancellationTokenSource();

        var sends = Enumerable.Range(0, 10).Select(x => queue.SendAsync(Message($"{x}"), cancellationToken: cancelled.Token)).ToArray();
        await cancelled.CancelAsync();
        var confirmed = new List<string>();
        for (var i = 0; i < sends.Length; i++)
        {
            // Some may have been stored before they could be cancelled.
            if (await Record.ExceptionAsync(() => sends[i]) is { } exception)
                Assert.IsAssignableFrom<OperationCanceledException>(exception);
            else
                confirmed.Add($"{i}");
        }

        await SendAsync(queue, "last");
        var stored = await LeaseTextsAsync(queue);
        Assert.Empty(confirmed.Append("last").Except(stored));
        Assert.Equal(stored.Distinct(), stored);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_delay_longer_than_any_clock_is_stored_and_does_not_break_the_key()
    {
        var queue = NewQueue();

        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(Message("never", 3, TimeSpan.MaxValue)));

        await EndDelaysAsync(queue);
        var message = Assert.Single(await LeaseAsync(queue));
        Assert.Equal(3, message.Key.Priority);
        Assert.True(await queue.SettleAsync(message.Lease));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task A_queue_that_was_only_ever_sent_to_is_listed()
    {
        var queue = await SendAsync(NewQueue(), "m");

        await Eventually.TrueAsync(async () => (await Engine.ListQueuesAsync()).Contains(queue.Name.Value));
    }

    [SkippableFact]
    public async Task A_negative_delay_is_none()
    {
        var queue = NewQueue();

        await queue.SendAsync(Message("m", delay: TimeSpan.FromSeconds(-5)));

        Assert.Single(await LeaseAsync(queue));
    }
}
