using System.Diagnostics;
using MassTransit.RedisTransport.FaultTests.Support;
using MassTransit.RedisTransport.Testing.Processes;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Replicas;

/// <summary>The primary ends and a replica takes over: what was confirmed by a replica survives it.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failover_under_load_loses_no_send_that_a_replica_has_confirmed(bool frozen)
    {
        var (prefix, queue, ledger) = (TestNames.Unique("faults"), TestNames.Unique("work"), new Ledger());
        await using var cluster = new SentinelCluster(replicas: 2);
        await cluster.StartAsync();
        cluster.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(cluster.ConnectionString, prefix, queue, ledger,
            host: h => h.RequireReplicas(1, TimeSpan.FromSeconds(1)));
        await using var load = await Load.StartAsync(bus, queue, ledger);
        await ledger.MoreConsumedAsync(200);

        var started = Stopwatch.GetTimestamp();
        var old = await cluster.PrimaryPortAsync();
        var primary = cluster.Servers.Single(x => x.Port == old);
        if (frozen)
            primary.Suspend();
        else
            await primary.KillAsync();
        var port = await cluster.WaitForFailoverAsync(old);
        var promoted = Stopwatch.GetElapsedTime(started);
        await ledger.MoreConfirmedAsync(100);
        await ledger.MoreConsumedAsync(200);
        var back = Stopwatch.GetElapsedTime(started);
        if (frozen)
        {
            // Back, it takes itself for the primary until the sentinels tell it otherwise, and does what it was asked before.
            primary.Resume();
            await Eventually.TrueAsync(async () => (await RespProbe.SendAsync(old, "ROLE"))
                ?.Contains("slave", StringComparison.Ordinal) is true,
                TimeSpan.FromSeconds(40), "the old primary becomes a replica");
            await ledger.MoreConfirmedAsync(100);
            await ledger.MoreConsumedAsync(100);
        }

        await load.StopAsync();
        await using var probe = await QueueProbe.OpenAsync(cluster.Servers.Single(x => x.Port == port), prefix, queue);
        try
        {
            await ledger.AllConsumedAsync();
            await probe.EmptyAsync();
        }
        finally
        {
            ledger.Print(output, $"primary {(frozen ? "SIGSTOP" : "kill -9")}, failover by Sentinel, RequireReplicas(1)",
                $"promoted after {promoted.TotalSeconds:0.0} s, sending and receiving again after {back.TotalSeconds:0.0} s");
        }

        Assert.All(ledger.Refused, x => Assert.IsType<RedisTransportException>(x));
        Assert.InRange(ledger.Repeats, 0, 500);
    }
}
