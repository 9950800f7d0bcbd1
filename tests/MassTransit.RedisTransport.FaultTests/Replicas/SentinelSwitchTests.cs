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
    public enum Fault
    {
        Planned,
        KilledAndRestarted,
        FrozenAndThawed,
    }

    [SkippableTheory]
    [InlineData(Fault.Planned, 0)]
    [InlineData(Fault.Planned, 1)]
    [InlineData(Fault.KilledAndRestarted, 0)]
    [InlineData(Fault.FrozenAndThawed, 0)]
    public async Task A_failover_loses_no_confirmed_send_while_the_old_primary_still_takes_itself_for_one(Fault fault, int replicas)
    {
        var (prefix, queue, ledger) = (TestNames.Unique("faults"), TestNames.Unique("work"), new Ledger());
        await using var cluster = new SentinelCluster(replicas: 2);
        await cluster.StartAsync();
        cluster.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(cluster.ConnectionString, prefix, queue, ledger,
            host: h => h.RequireReplicas(replicas, TimeSpan.FromSeconds(1)));
        await using var load = await Load.StartAsync(bus, queue, ledger);
        await ledger.MoreConsumedAsync(100);

        var old = await cluster.PrimaryPortAsync();
        var primary = cluster.Servers.Single(x => x.Port == old);
        if (fault == Fault.Planned)
            await cluster.FailoverAsync();
        else if (fault == Fault.FrozenAndThawed)
            primary.Suspend();
        else
            await primary.KillAsync();

        var port = await cluster.WaitForFailoverAsync(old);
        await ledger.MoreConfirmedAsync(100);
        if (fault == Fault.FrozenAndThawed)
            primary.Resume();
        else if (fault == Fault.KilledAndRestarted)
            await primary.RestartAsync();

        // Until then it takes itself for the primary.
        await Eventually.TrueAsync(async () => (await RespProbe.SendAsync(old, "ROLE"))
            ?.Contains("slave", StringComparison.Ordinal) is true,
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
            ledger.Print(output, $"failover by Sentinel, {fault}, RequireReplicas({replicas})");
        }

        Assert.Empty(ledger.Refused);
    }
}
