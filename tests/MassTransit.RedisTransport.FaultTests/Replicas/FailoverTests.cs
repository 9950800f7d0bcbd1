using System.Diagnostics;
using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Replicas;

/// <summary>The primary ends and a replica takes over: what was confirmed by a replica survives it.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task A_failover_under_load_loses_no_send_that_a_replica_has_confirmed()
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
        var old = await cluster.KillPrimaryAsync();
        var port = await cluster.WaitForFailoverAsync(old);
        var promoted = Stopwatch.GetElapsedTime(started);
        await ledger.MoreConfirmedAsync(100);
        await ledger.MoreConsumedAsync(200);
        var back = Stopwatch.GetElapsedTime(started);

        await load.StopAsync();
        await using var probe = await QueueProbe.OpenAsync(cluster.Servers.Single(x => x.Port == port), prefix, queue);
        try
        {
            await ledger.AllConsumedAsync();
            await probe.EmptyAsync();
        }
        finally
        {
            ledger.Print(output, "primary kill -9, failover by Sentinel, RequireReplicas(1)",
                $"promoted after {promoted.TotalSeconds:0.0} s, sending and receiving again after {back.TotalSeconds:0.0} s");
        }

        Assert.All(ledger.Refused, x => Assert.IsType<RedisTransportException>(x));
        Assert.InRange(ledger.Repeats, 0, 500);
    }
}
