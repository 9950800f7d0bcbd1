using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Consumers;

/// <summary>A process that stops for longer than its lease and then goes on as if nothing had been: a suspended machine.</summary>
public sealed class FrozenConsumerTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly int LeaseLost = LogNumbers.Of(typeof(LogMessages), nameof(LogMessages.LeaseLost));
    static readonly int LeaseOver = LogNumbers.Of(typeof(LogMessages), nameof(LogMessages.LeaseOver));
    static readonly int AcknowledgementRefused = LogNumbers.Of(typeof(LogMessages), nameof(LogMessages.AcknowledgementRefused));

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_consumer_frozen_past_its_lease_is_replaced_once_and_its_late_acknowledgement_is_refused(int stubborn)
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        var endpoint = await bus.QueueAsync(Queue);
        await using var frozen = await StartAsync(stubborn);
        await frozen.ReadyAsync();
        await SendAsync(endpoint);
        await Eventually.TrueAsync(() => frozen.Unfinished.Count == 1, message: "the first consumer works on the message");
        frozen.Suspend();

        await using var other = await StartAsync(stubborn);
        await other.ReadyAsync();
        await Eventually.TrueAsync(() => other.Done == 1, message: "the message is delivered to the other consumer");
        await Probe.EmptyAsync();
        frozen.Resume();

        await Eventually.TrueAsync(() => frozen.CountLogged(LeaseLost) + frozen.CountLogged(AcknowledgementRefused)
            + frozen.CountLogged(LeaseOver) > 0,
            message: "the frozen consumer learns that it was too late");
        Assert.Equal(1, other.Done);

        // Nothing sticks: what was frozen consumes on, alone.
        await other.StopAsync();
        var before = frozen.Done;
        for (var i = 0; i < 3; i++)
            await SendAsync(endpoint);
        await Eventually.TrueAsync(() => frozen.Done >= before + 3, message: "the thawed consumer goes on");
        await AssertNothingLostAsync($"consumer frozen past its lease ({(stubborn == 1 ? "ignores" : "heeds")} cancellation)");
        // Once by the other; and by the frozen one too, where its consumer was done before it heard of the loss.
        Assert.InRange(Ledger.Repeats, 0, 1);
        await frozen.StopAsync();
    }

    [SkippableFact]
    public async Task Consumers_frozen_under_load_lose_nothing_and_go_on()
    {
        const int freezes = 4, prefetch = 20;
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await using var first =
            await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, "lease=500", $"prefetch={prefetch}");
        await using var second =
            await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, "lease=500", $"prefetch={prefetch}");
        await first.ReadyAsync();
        await second.ReadyAsync();
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        for (var i = 0; i < freezes; i++)
        {
            var victim = i % 2 == 0 ? first : second;
            await Eventually.TrueAsync(() => victim.Unfinished.Count > 0, message: "the next victim is at work");
            // Read before: a lease may have ended by the time that the server answers.
            var reclaimed = await ReclaimedAsync();
            victim.Suspend();
            await Eventually.TrueAsync(async () => await ReclaimedAsync() > reclaimed || victim.Unfinished.Count == 0,
                message: "its leases end");
            await Ledger.MoreConsumedAsync(100);
            victim.Resume();
            var done = victim.Done;
            await Eventually.TrueAsync(() => victim.Done > done + 20, message: "the thawed consumer goes on");
        }

        await load.StopAsync();
        await AssertNothingLostAsync($"consumer SIGSTOP past its lease under load, {freezes} times");
        Assert.Equal(Ledger.Confirmed, Ledger.Distinct);
        Assert.InRange(Ledger.Repeats, 0, freezes * prefetch * 4);
        await first.StopAsync();
        await second.StopAsync();
    }

    async Task<long> ReclaimedAsync() => await Probe.CounterAsync("reclaimed");

    async Task SendAsync(ISendEndpoint endpoint)
    {
        var id = Ledger.NextId();
        await endpoint.Send(Ledger.PingOf(id));
        Ledger.Confirm(id);
    }

    Task<WorkerProcess> StartAsync(int stubborn) =>
        WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, "lease=600", "prefetch=1", "work=1500", $"stubborn={stubborn}");
}
