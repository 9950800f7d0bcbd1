using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>
/// A disk was full for 20 s, and every acknowledgement was refused at once: all that was in hand ran twice. What takes away
/// from the server waits until somebody has made room; what adds to it is told so at once.
/// </summary>
public sealed class FullDiskTests : FaultTests
{
    [SkippableFact]
    public async Task What_empties_a_queue_waits_for_room_on_the_disk_and_what_fills_it_is_refused()
    {
        await using var server = await StartAsync();
        server.SkipIfNotControllable();
        await using var engine = Connect(server.ConnectionString, x => x.SendTimeout = TimeSpan.FromMinutes(1));
        await using var admin = await server.ConnectAsync();
        var queue = engine.Queue("orders");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(x => queue.SendAsync(Message($"{x}"))));
        var messages = await LeaseAsync(queue);
        var repair = await FillDiskAsync(admin.GetServers()[0]);

        var refused = await Assert.ThrowsAsync<RedisTransportException>(() => queue.SendAsync(Message("more")));
        Assert.False(refused.IsTransient);
        var renewal = await Assert.ThrowsAsync<RedisTransportException>(() => queue.RenewAsync([messages[0].Lease], Lease));
        Assert.True(renewal.IsTransient);
        var settles = Task.WhenAll(messages.Take(3).Select(x => queue.SettleAsync(x.Lease)));
        var release = queue.ReleaseAsync([messages[3].Lease], TimeSpan.Zero, failedDelivery: false);
        var move = queue.MoveAsync(messages[4].Lease, engine.Queue("orders_error"), messages[4].Record!.Value);
        var split = queue.SplitAsync(messages[5], Lease, [messages[5].Record!.Value]);
        Assert.False(settles.IsCompleted || release.IsCompleted || move.IsCompleted || split.IsCompleted);

        await repair();

        Assert.All(await Eventually.CompletesAsync(settles), Assert.True);
        Assert.Empty(await Eventually.CompletesAsync(release));
        Assert.True(await Eventually.CompletesAsync(move));
        Assert.NotNull(await Eventually.CompletesAsync(split));
        await QueueInvariants.AssertAsync(admin.GetDatabase(), queue);
    }

    /// <summary>A snapshot cannot take the place of a folder. From then on the server refuses every write.</summary>
    static async Task<Func<Task>> FillDiskAsync(IServer server)
    {
        var folder = (await server.ConfigGetAsync("dir"))[0].Value;
        var obstacle = Directory.CreateDirectory(Path.Combine(folder, "dump.rdb"));
        await server.ConfigSetAsync("save", "3600 1");
        await SaveAsync(server, "err");
        return async () =>
        {
            obstacle.Delete();
            await SaveAsync(server, "ok");
        };
    }

    static async Task SaveAsync(IServer server, string status)
    {
        await server.ExecuteAsync("BGSAVE");
        await Eventually.EqualAsync(status, async () =>
            (await server.InfoAsync("persistence")).SelectMany(x => x).First(x => x.Key == "rdb_last_bgsave_status").Value,
            message: "the snapshot has ended");
    }
}
