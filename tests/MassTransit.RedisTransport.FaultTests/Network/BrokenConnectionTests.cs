using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Network;

/// <summary>Connections that end, or only seem to live, while the server is well.</summary>
public sealed class BrokenConnectionTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly int ReceiveInterrupted = LogNumbers.Of(typeof(LogMessages), nameof(LogMessages.ReceiveInterrupted));

    [SkippableFact]
    public async Task Fifty_broken_connections_under_load_lose_nothing_and_never_stop_the_consumer()
    {
        const int cycles = 50;
        Server.SkipIfNotControllable();
        await using var proxy = await FaultProxy.ListenAsync(Server.ConnectionString);
        await using var bus = await FaultBus.ReceivingAsync(proxy.ConnectionString, Prefix, Queue, Ledger);
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        await Ledger.MoreConsumedAsync(100);
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            switch (cycle % 5)
            {
                case 0:
                    await Probe.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                    break;
                case 1:
                    await Probe.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
                    break;
                case 2:
                    proxy.Cut();
                    break;
                case 3:
                    // The server's port is closed until the receiver has noticed.
                    var interruptions = bus.Log.Count(ReceiveInterrupted);
                    proxy.TakeDown();
                    await Eventually.TrueAsync(() => bus.Log.Count(ReceiveInterrupted) > interruptions,
                        message: "receiving is interrupted");
                    proxy.Pass();
                    break;
                case 4:
                    // The peer vanishes, something is sent into the void, then a router says that the connection is gone.
                    var swallowed = proxy.Counters.LostRequestBytes;
                    proxy.HalfOpen();
                    await Eventually.TrueAsync(() => proxy.Counters.LostRequestBytes > swallowed, message: "a request was swallowed");
                    proxy.Pass();
                    proxy.Cut();
                    break;
            }

            await Ledger.MoreConsumedAsync(20, message: $"receiving goes on after broken connection {cycle + 1}");
        }

        await load.StopAsync();
        await Probe.AssertInOnePlaceAsync();
        await AssertNothingLostAsync($"connections killed, cut, refused, half-open: {cycles} times",
            $"{proxy.Counters.Connections} connections");
        Assert.Empty(Ledger.Refused);
        Assert.Equal(Ledger.Confirmed, await Probe.CounterAsync("sent"));
        Assert.Equal(Ledger.Confirmed, Ledger.Distinct);
        Assert.InRange(Ledger.Repeats, 0, cycles * 50);
    }

    [SkippableFact]
    public async Task A_connection_whose_peer_has_vanished_is_given_up_without_being_told()
    {
        Server.SkipIfNotControllable();
        await using var proxy = await FaultProxy.ListenAsync(Server.ConnectionString);
        await using var bus = await FaultBus.ReceivingAsync(proxy.ConnectionString, Prefix, Queue, Ledger);
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        await Ledger.MoreConsumedAsync(100);

        var swallowed = proxy.Counters.LostRequestBytes;
        proxy.HalfOpen();
        await Eventually.TrueAsync(() => proxy.Counters.LostRequestBytes > swallowed, message: "a request was swallowed");
        // New connections are served; nobody ever closes the old ones.
        var started = Stopwatch.GetTimestamp();
        proxy.Pass();
        await Ledger.MoreConsumedAsync(50, TimeSpan.FromSeconds(60));
        var back = Stopwatch.GetElapsedTime(started);

        await load.StopAsync();
        await AssertNothingLostAsync("peer vanished, nothing closed", $"receiving again after {back.TotalSeconds:0.0} s");
        Assert.Empty(Ledger.Refused);
        Assert.Equal(Ledger.Confirmed, Ledger.Distinct);
    }
}
