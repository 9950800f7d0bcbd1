using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableTheory]
    [InlineData("_error")]
    [InlineData("_skipped")]
    public async Task A_moved_message_leaves_its_queue_and_keeps_its_priority(string suffix)
    {
        var queue = NewQueue();
        var target = Engine.Queue(queue.Name + suffix);
        await queue.SendAsync(Message("first", 3));
        await queue.SendAsync(Message("second", 3));
        await queue.SendAsync(Message("urgent", 200));
        var leased = await LeaseAsync(queue);

        foreach (var message in leased.OrderBy(x => x.Key.Priority))
            Assert.True(await queue.MoveAsync(message.Lease, target, Encoding.UTF8.GetBytes("dead " + Text(message.Record))));

        Assert.Equal((0, 3), ((await queue.CountAsync()).Records, (await queue.CountAsync()).Moved));
        var dead = await LeaseAsync(target);
        Assert.Equal(["dead urgent", "dead first", "dead second"], Texts(dead));
        Assert.Equal([200, 3, 3], dead.Select(x => (int)x.Key.Priority));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(target);
    }

    [SkippableFact]
    public async Task A_moved_message_leaves_its_delivery_count_behind()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var error = Engine.Queue(queue.Name + "_error");
        await queue.ReleaseAsync([Assert.Single(await LeaseAsync(queue)).Lease], TimeSpan.Zero, failedDelivery: true);
        var message = Assert.Single(await LeaseAsync(queue));
        Assert.Equal(1, message.DeliveryCount);

        await queue.MoveAsync(message.Lease, error, message.Record!.Value);

        Assert.Equal(0, Assert.Single(await LeaseAsync(error)).DeliveryCount);
        Assert.Equal(0, await Raw.HashLengthAsync(queue.Keys.Deliveries));
    }

    [SkippableFact]
    public async Task A_message_without_a_record_can_be_moved_with_a_new_one()
    {
        var queue = await SendAsync(NewQueue(), "m");
        var error = Engine.Queue(queue.Name + "_error");
        await Raw.KeyDeleteAsync(queue.Keys.Messages);
        var message = Assert.Single(await LeaseAsync(queue));

        Assert.Null(message.Record);
        Assert.True(await queue.MoveAsync(message.Lease, error, Encoding.UTF8.GetBytes("body lost")));

        Assert.Equal(["body lost"], await LeaseTextsAsync(error));
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task Replayed_messages_come_back_in_order_with_their_priority_and_a_fresh_delivery_count()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        await error.SendAsync(Message("a", 1));
        await error.SendAsync(Message("b", 1));
        await error.SendAsync(Message("urgent", 9));
        await error.SendAsync(Message("stays", 1));
        var dead = (await error.PeekAsync(MessageState.Ready, 0, 10)).Where(x => Text(x.Record) != "stays");

        Assert.Equal(3, await error.RequeueAsync(queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]));

        Assert.Equal(["urgent", "a", "b"], await LeaseTextsAsync(queue));
        Assert.Equal(["stays"], await LeaseTextsAsync(error));
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task More_messages_than_one_call_takes_are_replayed()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        await Task.WhenAll(Enumerable.Range(0, 2_200).Select(x => error.SendAsync(Message($"{x}"))));
        var dead = new List<StoredMessage>();
        for (var offset = 0; offset < 2_200; offset += 1_000)
            dead.AddRange(await error.PeekAsync(MessageState.Ready, offset, 1_000));

        Assert.Equal(2_200, await error.RequeueAsync(queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]));

        Assert.Equal(0, (await error.CountAsync()).Records);
        Assert.Equal(2_200, (await queue.CountAsync()).Ready);
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task Large_messages_are_replayed()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        var record = new byte[1024 * 1024];
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => error.SendAsync(new OutgoingMessage(record))));
        var dead = await error.PeekAsync(MessageState.Ready, 0, 100);

        Assert.Equal(12, await error.RequeueAsync(queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]));

        Assert.Equal(12, (await queue.CountAsync()).Ready);
    }

    [SkippableFact]
    public async Task A_message_that_is_no_longer_waiting_is_not_replayed()
    {
        var queue = NewQueue();
        var error = await SendAsync(Engine.Queue(queue.Name + "_error"), "leased", "removed", "waits");
        var dead = await error.PeekAsync(MessageState.Ready, 0, 10);
        await LeaseAsync(error, 1);
        await error.RemoveAsync([dead[1].Key]);

        Assert.Equal(1, await error.RequeueAsync(queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]));

        Assert.Equal(["waits"], await LeaseTextsAsync(queue));
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task A_dead_letter_queue_is_listed_with_its_queue()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await SendAsync(queue, "m");
        await queue.MoveAsync(Assert.Single(await LeaseAsync(queue)).Lease, Engine.Queue(queue.Name + "_error"), new byte[] { 1 });

        var names = (await Engine.ListQueuesAsync()).Where(x => x.StartsWith(queue.Name.Value, StringComparison.Ordinal));

        Assert.Equal([queue.Name.Value, queue.Name.Value + "_error"], names);
    }

    [SkippableFact]
    public async Task The_dead_letters_of_a_temporary_queue_are_listed_and_outlive_it()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(1)));
        await SendAsync(queue, "m");
        await queue.MoveAsync(Assert.Single(await LeaseAsync(queue)).Lease, Engine.Queue(queue.Name + "_error"), new byte[] { 1 });
        await queue.DeleteAsync();

        await Eventually.TrueAsync(async () => (await Engine.ListQueuesAsync()).Contains(queue.Name.Value + "_error"));
        Assert.Equal(1, (await Engine.Queue(queue.Name + "_error").CountAsync()).Ready);
    }

    [SkippableFact]
    public async Task A_dead_letter_queue_with_a_name_of_its_own_gets_a_message_once_and_only_from_who_holds_its_lease()
    {
        var queue = NewQueue();
        var dead = Engine.Queue(NewName("graveyard"));
        await queue.SendAsync(new OutgoingMessage(new MessageRecord().Pack(), Priority: 7, MessageCount: 3));
        var mine = (await LeaseAsync(queue)).Single();
        await EndLeasesAsync(queue, mine);
        var others = (await LeaseAsync(queue)).Single();

        Assert.False(await DeadLetterMove.MoveAsync(Engine, queue, dead.Name.Value, mine, new MessageRecord(), Lease));
        Assert.False((await dead.CountAsync()).Exists);
        Assert.True(await DeadLetterMove.MoveAsync(Engine, queue, dead.Name.Value, others, new MessageRecord(), Lease));
        Assert.False(await DeadLetterMove.MoveAsync(Engine, queue, dead.Name.Value, others, new MessageRecord(), Lease));

        Assert.Equal(3, (await dead.CountAsync()).Ready);
        Assert.Equal(7, (await LeaseAsync(dead)).Single().Key.Priority);
        Assert.Equal(0, (await queue.CountAsync()).Records);
        Assert.Equal([queue.Name.Value], (await Engine.ListDeadLettersAsync())[dead.Name.Value]);
        await AssertInvariantsAsync(queue);
        await AssertInvariantsAsync(dead);
    }
}
