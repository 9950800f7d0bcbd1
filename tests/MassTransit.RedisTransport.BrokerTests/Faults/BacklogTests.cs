using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>Deep queues: every call stays short, and nothing is hidden behind the multitude.</summary>
public abstract class BacklogTests : FaultTests
{
    protected BacklogTests(BrokerServer server)
    {
        server.Server.SkipIfUnavailable();
        Server = server;
    }

    internal BrokerServer Server { get; }

    [SkippableFact]
    public async Task A_hundred_thousand_messages_due_at_the_same_millisecond_are_promoted_in_bounded_steps()
    {
        const int count = 100_000;
        var queue = Server.Engine.Queue(TestNames.Unique("due"));
        await FillAsync(queue, count, x => Message($"{x}", (byte)(x % 3), TimeSpan.FromHours(1)));
        await DueTogetherAsync(queue);

        var lane = queue.CreateReader();
        var first = await lane.LeaseAsync(1, Lease);
        var counts = await queue.CountAsync();
        Assert.Single(first.Messages);
        Assert.InRange(counts.Ready + counts.Leased, 1, 1_000);
        Assert.Equal(count, counts.Ready + counts.Leased + counts.Delayed);

        var seen = new HashSet<string>(Texts(first.Messages), StringComparer.Ordinal);
        while ((await lane.LeaseAsync(1_000, Lease)).Messages is { Length: > 0 } messages)
            Assert.All(Texts(messages), x => Assert.True(seen.Add(x), $"{x} came twice"));

        Assert.Equal(count, seen.Count);
        await queue.DeleteAsync();
    }

    [SkippableFact]
    public async Task Expired_leases_are_found_behind_ten_thousand_busy_ones()
    {
        var queue = Server.Engine.Queue(TestNames.Unique("busy"));
        await FillAsync(queue, 10_050, x => Message($"{x}"));
        var leased = new List<LeasedMessage>();
        while (await LeaseAsync(queue) is { Length: > 0 } batch)
            leased.AddRange(batch);
        var expired = leased.Where((_, i) => i % 201 == 0).ToArray();
        await Server.Raw.SortedSetAddAsync(queue.Keys.Leased, [.. expired.Select(x => new SortedSetEntry(x.Lease.Member, 1))],
            SortedSetWhen.Exists);

        var result = await queue.CreateReader().LeaseAsync(1_000, Lease);

        Assert.Equal(expired.Select(x => x.Key), result.Messages.Select(x => x.Key));
        Assert.All(result.Messages, x => Assert.Equal(1, x.DeliveryCount));
        await QueueInvariants.AssertAsync(Server.Raw, queue);
    }

    [SkippableFact]
    public async Task Thousands_of_leases_that_end_together_come_back_each_once()
    {
        var queue = Server.Engine.Queue(TestNames.Unique("crash"));
        await FillAsync(queue, 5_000, x => Message($"{x}"));
        while ((await LeaseAsync(queue)).Length > 0)
        {
        }

        var members = await Server.Raw.SortedSetRangeByRankAsync(queue.Keys.Leased);
        await Server.Raw.SortedSetAddAsync(queue.Keys.Leased, [.. members.Select(x => new SortedSetEntry(x, 1))], SortedSetWhen.Exists);

        var again = new List<LeasedMessage>();
        while (await LeaseAsync(queue) is { Length: > 0 } batch)
            again.AddRange(batch);

        Assert.Equal(Enumerable.Range(0, 5_000), Texts(again).Select(int.Parse));
        Assert.All(again, x => Assert.Equal(1, x.DeliveryCount));
        Assert.Equal(5_000, (await queue.CountAsync()).Reclaimed);
        await QueueInvariants.AssertAsync(Server.Raw, queue);
    }

    internal static async Task FillAsync(MessageQueue queue, int count, Func<int, OutgoingMessage> message)
    {
        for (var first = 0; first < count; first += 10_000)
            await Task.WhenAll(Enumerable.Range(first, Math.Min(10_000, count - first)).Select(x => queue.SendAsync(message(x))));
    }

    /// <summary>All that is delayed falls due at the same instant, long ago.</summary>
    internal async Task DueTogetherAsync(MessageQueue queue)
    {
        var members = await Server.Raw.SortedSetRangeByRankAsync(queue.Keys.Delayed);
        foreach (var page in members.Chunk(10_000))
            await Server.Raw.SortedSetAddAsync(queue.Keys.Delayed, [.. page.Select(x => new SortedSetEntry(x, 1_000))],
                SortedSetWhen.Exists);
    }
}

public sealed class Backlog_on_Redis(OnRedis server) : BacklogTests(server), IClassFixture<OnRedis>;

public sealed class Backlog_on_the_embedded_server(OnEmbedded server) : BacklogTests(server), IClassFixture<OnEmbedded>;
