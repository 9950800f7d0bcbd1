using MassTransit.RedisTransport.FaultTests.Support;
using MassTransit.RedisTransport.Testing.Processes;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Replicas;

/// <summary>
/// For ten seconds after a failover two servers called themselves primary, and the client stayed with the old one, or
/// alternated: 1,104 sends that were confirmed meanwhile were gone.
/// </summary>
public sealed class SentinelSwitchTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task A_planned_failover_loses_no_confirmed_send_and_stops_the_senders_for_a_moment_only()
    {
        var (prefix, queue, ledger) = (TestNames.Unique("faults"), TestNames.Unique("work"), new Ledger());
        await using var cluster = new SentinelCluster(replicas: 2);
        await cluster.StartAsync();
        cluster.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(cluster.ConnectionString, prefix, queue, ledger);
        await using var load = await Load.StartAsync(bus, queue, ledger);
        await ledger.MoreConsumedAsync(100);

        var old = await cluster.FailoverAsync();
        var port = await cluster.WaitForFailoverAsync(old);
        await ledger.MoreConfirmedAsync(100);
        // Until then it takes itself for the primary.
        await Eventually.TrueAsync(async () => (await RespProbe.SendAsync(old, "ROLE"))?.Contains("slave", StringComparison.Ordinal) is true,
            TimeSpan.FromSeconds(40), "the old primary becomes a replica");
        await ledger.MoreConfirmedAsync(100);
        await load.StopAsync();

        await using var probe = await QueueProbe.OpenAsync(cluster.Servers.Single(x => x.Port == port), prefix, queue);
        try
        {
            await ledger.AllConsumedAsync();
            await probe.EmptyAsync();
        }
        finally
        {
            ledger.Print(output, "planned failover by Sentinel");
        }

        Assert.Empty(ledger.Refused);
    }
}
