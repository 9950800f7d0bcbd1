using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Scripts;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>
/// The server has done it, the reply is lost, the client tries again: each operation, through a proxy that drops replies.
/// </summary>
public abstract class LostReplyTests : FaultTests
{
    readonly BrokerServer _server;

    protected LostReplyTests(BrokerServer server)
    {
        server.Server.SkipIfUnavailable();
        _server = server;
    }

    [SkippableFact]
    public Task A_send_stores_its_messages_once_and_tells_stored_from_duplicate() => RunAsync(ScriptCatalog.Send, async (engine, queue) =>
    {
        var message = Message("m") with { DedupeId = "id", DedupeWindow = Lease };
        await queue.SendAsync(message);
        return async () =>
        {
            Task<SendOutcome>[] sends =
                [queue.SendAsync(message), queue.SendAsync(Message("a")), queue.SendAsync(Message("b")), queue.SendAsync(message)];
            Assert.Equal([SendOutcome.Duplicate, SendOutcome.Stored, SendOutcome.Stored, SendOutcome.Duplicate], await Task.WhenAll(sends));
            Assert.Equal(["m", "a", "b"], Texts(await LeaseAsync(queue)));
        };
    });

    [SkippableFact]
    public Task A_settle_is_true_and_counted_once() => RunAsync(ScriptCatalog.Settle, async (engine, queue) =>
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(x => queue.SendAsync(Message($"{x}"))));
        var messages = await LeaseAsync(queue);
        return async () =>
        {
            Assert.All(await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease))), Assert.True);
            Assert.Equal(50, (await queue.CountAsync()).Completed);
        };
    });

    [SkippableFact]
    public Task A_stale_settle_is_refused_on_its_repetition_too() => RunAsync(ScriptCatalog.Settle, async (_, queue) =>
    {
        await queue.SendAsync(Message("m"));
        var stale = Assert.Single(await LeaseAsync(queue));
        await queue.ReleaseAsync([stale.Lease], TimeSpan.Zero, failedDelivery: false);
        Assert.Single(await LeaseAsync(queue));
        return async () => Assert.False(await queue.SettleAsync(stale.Lease));
    });

    [SkippableFact]
    public Task A_renewal_holds() => RunAsync(ScriptCatalog.Renew, async (_, queue) =>
    {
        await queue.SendAsync(Message("m"));
        var message = Assert.Single(await LeaseAsync(queue));
        return async () =>
        {
            // One attempt: the next renewal comes soon.
            Assert.True((await Assert.ThrowsAsync<RedisTransportException>(() => queue.RenewAsync([message.Lease], Lease))).IsTransient);
            await Eventually.TrueAsync(async () => (await queue.RenewAsync([message.Lease], Lease)).Length == 0);
        };
    });

    [SkippableFact]
    public Task A_release_gives_back_once() => RunAsync(ScriptCatalog.Release, async (_, queue) =>
    {
        await queue.SendAsync(Message("m"));
        var message = Assert.Single(await LeaseAsync(queue));
        return async () =>
        {
            // It cannot tell its own first attempt from a lost lease, and says so.
            Assert.Single(await queue.ReleaseAsync([message.Lease], TimeSpan.Zero, failedDelivery: true));
            Assert.Equal(1, Assert.Single(await LeaseAsync(queue)).DeliveryCount);
        };
    });

    [SkippableFact]
    public Task A_move_is_true_and_leaves_one_message() => RunAsync(ScriptCatalog.Move, async (engine, queue) =>
    {
        await queue.SendAsync(Message("m"));
        var message = Assert.Single(await LeaseAsync(queue));
        var error = engine.Queue(queue.Name + "_error");
        return async () =>
        {
            Assert.True(await queue.MoveAsync(message.Lease, error, message.Record!.Value));
            Assert.Equal(["m"], Texts(await LeaseAsync(error)));
        };
    });

    [SkippableFact]
    public Task A_cancel_is_true() => RunAsync(ScriptCatalog.Cancel, async (engine, queue) =>
    {
        await queue.SendAsync(Message("m", delay: Lease) with { CancelToken = "t" });
        return async () =>
        {
            Assert.True(await queue.CancelAsync("t"));
            Assert.False(await queue.CancelAsync("t"));
        };
    });

    [SkippableFact]
    public Task A_lease_call_is_found_again_by_the_next_one_and_nothing_waits_for_its_lease_to_end() =>
        RunAsync(ScriptCatalog.Lease, async (engine, queue) =>
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(x => queue.SendAsync(Message($"{x}"))));
        return async () =>
        {
            var lane = queue.CreateReader();
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => lane.LeaseAsync(3, Lease));
            Assert.True(exception.IsTransient);

            // The leases are about to end, as after a long outage.
            foreach (var member in await _server.Raw.SortedSetRangeByRankAsync(queue.Keys.Leased))
                await _server.Raw.SortedSetAddAsync(queue.Keys.Leased, member, 1);
            var messages = await NextAsync(lane);

            Assert.Equal(["0", "1", "2"], Texts(messages));
            Assert.All(messages, x => Assert.Equal(0, x.DeliveryCount));
            Assert.Equal(["3", "4"], Texts((await lane.LeaseAsync(10, Lease)).Messages));
            Assert.All(await Task.WhenAll(messages.Select(x => queue.SettleAsync(x.Lease))), Assert.True);
        };
    });

    [SkippableFact]
    public Task A_subscription_is_announced_all_the_same() => RunAsync("SADD", async (engine, queue) =>
    {
        var topic = TestNames.Unique("topic");
        await using var sender = _server.CreateEngine(time: new ManualTime());
        Assert.Empty(await sender.Topology.ResolveAsync(topic));
        return async () =>
        {
            await engine.Topology.SubscribeAsync(topic, "queue", temporary: false);
            Assert.Single(await engine.Topology.ResolveAsync(topic));
        };
    });

    static async Task<LeasedMessage[]> NextAsync(LeaseReader lane)
    {
        LeasedMessage[] messages = [];
        // The client may still be without a connection.
        await Eventually.TrueAsync(async () => (messages = (await lane.LeaseAsync(3, Lease)).Messages).Length > 0);
        return messages;
    }

    async Task RunAsync(RedisScript script, Func<QueueEngine, MessageQueue, Task<Func<Task>>> arrange)
    {
        // The reply that is lost must be the script's own, not that the server does not know it.
        await _server.Admin.GetServers()[0].ScriptLoadAsync(script.Text);
        await RunAsync(Convert.ToHexStringLower(script.Hash), arrange);
    }

    /// <summary>Arranges over a sound connection, then loses the reply to the next request that holds the text.</summary>
    async Task RunAsync(string request, Func<QueueEngine, MessageQueue, Task<Func<Task>>> arrange)
    {
        await using var proxy = await FaultProxy.ListenAsync(_server.Server.ConnectionString);
        await using var engine = Connect(proxy.ConnectionString);
        var queue = engine.Queue(TestNames.Unique("lost"));
        var act = await arrange(engine, queue);

        var lost = proxy.DropReplies(request);
        await act();

        Assert.True(lost.IsCompletedSuccessfully, "No reply was lost: the test has tested nothing.");
        await QueueInvariants.AssertAsync(_server.Raw, queue);
    }
}

public sealed class Lost_replies_of_Redis(OnRedis server) : LostReplyTests(server), IClassFixture<OnRedis>;

public sealed class Lost_replies_of_the_embedded_server(OnEmbedded server) : LostReplyTests(server), IClassFixture<OnEmbedded>;
