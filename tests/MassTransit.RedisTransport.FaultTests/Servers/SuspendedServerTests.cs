using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Servers;

/// <summary>A server that stands still with its connections open, as in a snapshot of its machine.</summary>
public sealed class SuspendedServerTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);

    [SkippableFact]
    public async Task A_server_frozen_for_ten_seconds_under_load_loses_nothing_and_stores_each_send_once()
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger, lease: TimeSpan.FromSeconds(2));
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        await Ledger.MoreConsumedAsync(300);

        Server.Suspend();
        // The outage itself; nothing is waited for by it.
        await Task.Delay(Outage);
        var resumed = Stopwatch.GetTimestamp();
        Server.Resume();
        await Ledger.MoreConsumedAsync(1);
        var back = Stopwatch.GetElapsedTime(resumed);
        await Ledger.MoreConsumedAsync(300);

        await load.StopAsync();
        await AssertNothingLostAsync("Redis SIGSTOP 10 s",
            string.Create(CultureInfo.InvariantCulture, $"receiving again after {back.TotalMilliseconds:0} ms"));
        Assert.Empty(Ledger.Refused);
        Assert.Equal(Ledger.Confirmed, await Probe.CounterAsync("sent"));
        Assert.Equal(Ledger.Confirmed, Ledger.Distinct);
        // What was leased or acknowledged when the server froze is past its lease when it thaws.
        Assert.InRange(Ledger.Repeats, 0, 200);
    }
}
