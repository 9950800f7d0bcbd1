using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.FaultTests.Support;
using MassTransit.RedisTransport.Scripts;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Network;

/// <summary>
/// The hardest place for a connection to break: after the server has done what was asked and before it could say so. Each
/// operation is tried with its reply lost, against the queue engine itself.
/// </summary>
public sealed class LostReplyTests(ITestOutputHelper output) : FaultTest(output)
{
    const int Messages = 20;
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task A_send_is_stored_once() => await WithAsync(async (queue, proxy) =>
    {
        await SendAsync(queue, Messages);
        await LosingAsync(proxy, ScriptCatalog.Send, () => SendAsync(queue, Messages));
        await CountsAsync(queue, ready: 2 * Messages);
        Assert.Equal(2 * Messages, (await queue.CountAsync()).Sent);
    });

    [SkippableFact]
    public async Task A_delayed_and_a_deduplicated_send_are_stored_once_and_told_so() => await WithAsync(async (queue, proxy) =>
    {
        await SendAsync(queue, 1);
        var delayed = new OutgoingMessage(Record(), Delay: TimeSpan.FromMinutes(5), CancelToken: "t");
        Assert.Equal(SendOutcome.Stored, await LosingAsync(proxy, ScriptCatalog.Send, () => queue.SendAsync(delayed)));
        var unique = new OutgoingMessage(Record(), DedupeId: "d", DedupeWindow: TimeSpan.FromMinutes(5));
        Assert.Equal(SendOutcome.Stored, await LosingAsync(proxy, ScriptCatalog.Send, () => queue.SendAsync(unique)));
        Assert.Equal(SendOutcome.Duplicate, await LosingAsync(proxy, ScriptCatalog.Send, () => queue.SendAsync(unique)));
        await CountsAsync(queue, ready: 2, delayed: 1);
        Assert.True(await queue.CancelAsync("t"));
    });

    [SkippableFact]
    public async Task A_lease_is_found_again_with_everything_it_took() => await WithAsync(async (queue, proxy) =>
    {
        await SendAsync(queue, Messages + 1);
        var lane = queue.CreateReader();
        var first = Assert.Single((await lane.LeaseAsync(1, Lease)).Messages);
        await Assert.ThrowsAsync<RedisTransportException>(() => LosingAsync(proxy, ScriptCatalog.Lease, () => lane.LeaseAsync(100, Lease)));
        await CountsAsync(queue, leased: Messages + 1);

        // Recover has to be known to the server before its reply can be the one that is lost.
        var found = await LeaseUntilAsync(lane, Messages);
        Assert.Equal(Messages, found.Select(x => x.Lease.ToString()).Distinct().Count());
        Assert.All(found, x => Assert.Equal(0, x.DeliveryCount));
        foreach (var message in found.Append(first))
            Assert.True(await queue.SettleAsync(message.Lease));
        await CountsAsync(queue);
    });

    [SkippableFact]
    public async Task A_lease_is_found_again_also_when_the_answer_to_the_search_is_lost() => await WithAsync(async (queue, proxy) =>
    {
        await SendAsync(queue, Messages);
        await Probe.Server.ScriptLoadAsync(ScriptCatalog.Recover.Text);
        await Probe.Server.ScriptLoadAsync(ScriptCatalog.Lease.Text);
        var lane = queue.CreateReader();
        await Assert.ThrowsAsync<RedisTransportException>(() => LosingAsync(proxy, ScriptCatalog.Lease, () => lane.LeaseAsync(100, Lease)));
        await LosingAsync(proxy, ScriptCatalog.Recover, async () =>
        {
            // Until it has happened: while the connection comes back a call fails before it is sent.
            await Assert.ThrowsAsync<RedisTransportException>(() => LeaseUntilAsync(lane, int.MaxValue, rethrow: IsLostReply));
            return true;
        });
        var found = await LeaseUntilAsync(lane, Messages);
        foreach (var message in found)
            Assert.True(await queue.SettleAsync(message.Lease));
        await CountsAsync(queue);
    });

    [SkippableFact]
    public async Task An_acknowledgement_counts_as_given() => await WithAsync(async (queue, proxy) =>
    {
        var leased = await LeasedAsync(queue, Messages + 1);
        Assert.True(await queue.SettleAsync(leased[0].Lease));
        var settled =
            await LosingAsync(proxy, ScriptCatalog.Settle, () => Task.WhenAll(leased.Skip(1).Select(x => queue.SettleAsync(x.Lease))));
        Assert.All(settled, Assert.True);
        await CountsAsync(queue);
        Assert.Equal(Messages + 1, (await queue.CountAsync()).Completed);
    });

    [SkippableFact]
    public async Task A_renewal_loses_no_lease() => await WithAsync(async (queue, proxy) =>
    {
        var leased = await LeasedAsync(queue, Messages);
        LeaseHandle[] leases = [.. leased.Select(x => x.Lease)];
        Assert.Empty(await queue.RenewAsync(leases, Lease));
        await Assert.ThrowsAnyAsync<Exception>(() => LosingAsync(proxy, ScriptCatalog.Renew, () => queue.RenewAsync(leases, Lease)));
        await Eventually.TrueAsync(async () => (await queue.RenewAsync(leases, Lease)).Length == 0, message: "the next renewal works");
        await CountsAsync(queue, leased: Messages);
    });

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(60_000)]
    public async Task A_message_is_given_back_once(int delay) => await WithAsync(async (queue, proxy) =>
    {
        var leased = await LeasedAsync(queue, Messages + 1);
        var time = TimeSpan.FromMilliseconds(delay);
        await queue.ReleaseAsync([leased[0].Lease], TimeSpan.Zero, failedDelivery: true);
        await LosingAsync(proxy, ScriptCatalog.Release,
            () => queue.ReleaseAsync([.. leased.Skip(1).Select(x => x.Lease)], time, failedDelivery: true));
        await CountsAsync(queue, ready: delay == 0 ? Messages + 1 : 1, delayed: delay == 0 ? 0 : Messages);
        var counts = (await queue.PeekAsync(delay == 0 ? MessageState.Ready : MessageState.Delayed, 0, 100)).Select(x => x.DeliveryCount);
        Assert.All(counts, count => Assert.Equal(1, count));
    });

    [SkippableFact]
    public async Task A_message_is_moved_once() => await WithAsync(async (queue, proxy, engine) =>
    {
        var leased = await LeasedAsync(queue, 2);
        var error = engine.Queue(Queue + "_error");
        Assert.True(await queue.MoveAsync(leased[0].Lease, error, leased[0].Record!.Value));
        Assert.True(await LosingAsync(proxy, ScriptCatalog.Move, () => queue.MoveAsync(leased[1].Lease, error, leased[1].Record!.Value)));
        await CountsAsync(queue);
        await CountsAsync(error, ready: 2);
    });

    [SkippableFact]
    public async Task A_dead_letter_is_replayed_once() => await WithAsync(async (queue, proxy, engine) =>
    {
        var error = engine.Queue(Queue + "_error");
        await SendAsync(error, Messages + 1);
        var dead = await error.PeekAsync(MessageState.Ready, 0, 100);
        KeyValuePair<string, ReadOnlyMemory<byte>>[] pairs = [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))];
        await error.RequeueAsync(queue, pairs[..1]);
        await LosingAsync(proxy, ScriptCatalog.Requeue, () => error.RequeueAsync(queue, pairs[1..]));
        await CountsAsync(error);
        await CountsAsync(queue, ready: Messages + 1);
    });

    [SkippableFact]
    public async Task A_cancelled_message_is_told_to_be_cancelled() => await WithAsync(async (queue, proxy) =>
    {
        foreach (var token in (string[])["one", "two", "three"])
            await queue.SendAsync(new OutgoingMessage(Record(), Delay: TimeSpan.FromMinutes(5), CancelToken: token));
        Assert.True(await queue.CancelAsync("one"));
        Assert.True(await LosingAsync(proxy, ScriptCatalog.Cancel, () => queue.CancelAsync("two")));
        Assert.False(await queue.CancelAsync("two"));
        await CountsAsync(queue, delayed: 1);
    });

    [SkippableFact]
    public async Task A_queue_is_declared_touched_emptied_and_cleared() => await WithAsync(async (queue, proxy) =>
    {
        var settings = new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(5));
        await queue.DeclareAsync(settings);
        await LosingAsync(proxy, ScriptCatalog.Declare, () => queue.DeclareAsync(settings));
        Assert.True(await queue.TouchAsync());
        Assert.True(await LosingAsync(proxy, ScriptCatalog.Touch, () => queue.TouchAsync()));
        await SendAsync(queue, Messages);
        var keys = (await queue.PeekAsync(MessageState.Ready, 0, 100)).Select(x => x.Key).ToArray();
        await queue.RemoveAsync([keys[0]]);
        await LosingAsync(proxy, ScriptCatalog.Remove, () => queue.RemoveAsync([keys[1]]));
        await CountsAsync(queue, ready: Messages - 2);
        await LosingAsync(proxy, ScriptCatalog.Remove, () => queue.PurgeAsync());
        await CountsAsync(queue);
    });

    Task WithAsync(Func<MessageQueue, FaultProxy, Task> test) => WithAsync((queue, proxy, _) => test(queue, proxy));

    async Task WithAsync(Func<MessageQueue, FaultProxy, QueueEngine, Task> test)
    {
        Server.SkipIfNotControllable();
        await using var proxy = await FaultProxy.ListenAsync(Server.ConnectionString);
        await using var engine = new QueueEngine(new RedisConnectionSettings
        {
            Options = ConfigurationOptions.Parse(proxy.ConnectionString),
            KeyPrefix = Prefix,
            SendTimeout = TimeSpan.FromSeconds(20),
        }, NullLogger.Instance);
        await test(engine.Queue(Queue), proxy, engine);
        await Probe.AssertInOnePlaceAsync();
    }

    /// <summary>
    /// Runs the operation with the reply to its script lost and the connection cut, and makes sure that this is what happened.
    /// </summary>
    static async Task<T> LosingAsync<T>(FaultProxy proxy, RedisScript script, Func<Task<T>> operation)
    {
        var lower = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(script.Hash));
        var upper = Encoding.ASCII.GetBytes(Convert.ToHexString(script.Hash));
        var lost = proxy.DropReplies(request => request.IndexOf(lower) >= 0 || request.IndexOf(upper) >= 0);
        var running = operation();
        await Eventually.CompletesAsync(lost, message: $"the reply to '{script.Name}' is lost");
        return await running;
    }

    static Task<SendOutcome[]> SendAsync(MessageQueue queue, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => queue.SendAsync(new OutgoingMessage(Record()))));

    static async Task<LeasedMessage[]> LeasedAsync(MessageQueue queue, int count)
    {
        await SendAsync(queue, count);
        var leased = (await queue.CreateReader().LeaseAsync(count, Lease)).Messages;
        Assert.Equal(count, leased.Length);
        return leased;
    }

    /// <summary>Calls again and again, as a receiver does, until so many messages have come.</summary>
    static async Task<List<LeasedMessage>> LeaseUntilAsync(LeaseReader lane, int count, Func<RedisTransportException, bool>? rethrow = null)
    {
        var found = new List<LeasedMessage>();
        RedisTransportException? end = null;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                found.AddRange((await lane.LeaseAsync(100, Lease)).Messages);
            }
            catch (RedisTransportException exception) when (rethrow?.Invoke(exception) is true)
            {
                end = exception;
            }

            return end is not null || found.Count >= count;
        }, message: $"{count} messages are leased");
        return end is null ? found : throw end;
    }

    static bool IsLostReply(RedisTransportException exception) =>
        exception.InnerException is RedisConnectionException { FailureType: not ConnectionFailureType.UnableToResolvePhysicalConnection };

    static byte[] Record() =>
        new MessageRecord { MessageId = Guid.NewGuid(), ContentType = "text/plain", Body = "body"u8.ToArray() }.Pack();

    static async Task CountsAsync(MessageQueue queue, int ready = 0, int delayed = 0, int leased = 0)
    {
        var counts = await queue.CountAsync();
        Assert.Equal((ready, delayed, leased, ready + delayed + leased), (counts.Ready, counts.Delayed, counts.Leased, counts.Records));
    }
}
