using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Servers;

/// <summary>A server that writes each command to disk before it answers may end at any moment.</summary>
public sealed class RestartedServerTests(ITestOutputHelper output) : FaultTest(output)
{
    protected override RedisServerOptions ServerOptions => new() { AppendFsync = "always" };

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restarts_under_load_lose_nothing_and_store_each_send_once(bool kill)
    {
        const int restarts = 3;
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger);
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        for (var i = 0; i < restarts; i++)
        {
            await Ledger.MoreConsumedAsync(200);
            if (kill)
                await Server.KillAsync();
            await Server.RestartAsync();
            await Eventually.TrueAsync(async () => (await Probe.ReadAsync()).Misplaced == 0, message: "each id is in one place");
        }

        await Ledger.MoreConsumedAsync(200);
        await load.StopAsync();
        await AssertNothingLostAsync($"Redis {(kill ? "kill -9" : "clean restart")} (appendfsync always), {restarts} times");
        Assert.Empty(Ledger.Refused);
        Assert.Equal(Ledger.Confirmed, await Probe.CounterAsync("sent"));
        Assert.Equal(Ledger.Confirmed, Ledger.Distinct);
        Assert.InRange(Ledger.Repeats, 0, restarts * 200);
    }

    [SkippableFact]
    public async Task Scripts_flushed_again_and_again_are_not_noticed()
    {
        const int flushes = 30;
        Server.SkipIfNotControllable();
        await using var bus =
            await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger, lease: TimeSpan.FromSeconds(30));
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        for (var i = 0; i < flushes; i++)
        {
            await Probe.Server.ExecuteAsync("SCRIPT", "FLUSH");
            await Ledger.MoreConsumedAsync(20);
        }

        await load.StopAsync();
        await AssertNothingLostAsync($"SCRIPT FLUSH, {flushes} times");
        Assert.Empty(Ledger.Refused);
        Assert.Equal(Ledger.Confirmed, Ledger.Deliveries);
    }
}
