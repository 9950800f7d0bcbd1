using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>
/// An operator switched the roles of a pair that was named as such, and every send was refused for a minute, with wrong advice.
/// </summary>
public sealed class SwitchedRolesTests : FaultTests
{
    [SkippableFact]
    public async Task A_pair_whose_roles_are_switched_goes_on_at_once()
    {
        await using var one = await StartAsync();
        one.SkipIfNotControllable();
        await using var two = await StartAsync(x => x.ExtraLines.Add($"replicaof 127.0.0.1 {one.Port}"));
        await using var engine = Connect($"{one.ConnectionString},{two.ConnectionString}", x => x.SendTimeout = TimeSpan.FromSeconds(10));
        var queue = engine.Queue("orders");
        await queue.DeclareAsync(new QueueSettings());
        await using var admin = await two.ConnectAsync();
        await using var other = await one.ConnectAsync();
        await Eventually.TrueAsync(async () => ((string?)await admin.GetServers()[0].ExecuteAsync("INFO", "replication"))!
            .Contains("master_link_status:up", StringComparison.Ordinal), message: "the replica is in step");
        await queue.SendAsync(Message("before"));

        await admin.GetServers()[0].ExecuteAsync("REPLICAOF", "NO", "ONE");
        await other.GetServers()[0].ExecuteAsync("REPLICAOF", "127.0.0.1", $"{two.Port}");
        var started = Stopwatch.GetTimestamp();

        Assert.Equal(SendOutcome.Stored, await queue.SendAsync(Message("after")));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(async () => (await queue.CreateReader().LeaseAsync(1, Lease)).Declared, message: "receivers go on");
    }
}
