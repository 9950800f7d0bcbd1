using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Consumers;

/// <summary>
/// Leases that are not renewed: whether they end is decided by the process that holds them, before the server can say so.
/// </summary>
public sealed class LeaseEndTests(ITestOutputHelper output) : FaultTest(output)
{
    const int Lease = 2_000;

    protected override RedisServerOptions ServerOptions => new() { AppendFsync = "always" };

    [SkippableFact]
    public async Task A_worker_that_alone_is_cut_off_cancels_its_consumer_and_begins_nothing_that_it_has_prefetched()
    {
        const int messages = 12;
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await using var proxy = await FaultProxy.ListenAsync(Server.ConnectionString);
        await SendAsync(bus, messages);
        await using var cutOff = await WorkerProcess.StartAsync(proxy.ConnectionString, Prefix, Queue, "consume", Ledger,
            $"lease={Lease}", $"prefetch={messages}", "limit=1", "work=60000");
        await cutOff.ReadyAsync();
        await Eventually.TrueAsync(async () => cutOff.Begun == 1 && (await Probe.ReadAsync()).Leased == messages,
            message: "it holds everything, and works on one");
        proxy.HalfOpen();

        await Eventually.TrueAsync(() => cutOff.Cancelled == 1, message: "its consumer is cancelled while it is still cut off");
        await using var other = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, $"lease={Lease}");
        await other.ReadyAsync();
        await Eventually.TrueAsync(() => other.Done == messages, message: "the other worker does it all");
        Assert.Equal(1, cutOff.Begun);
        await other.StopAsync();

        // Nothing sticks: once the network is whole again it goes on.
        proxy.Pass();
        await SendAsync(bus, 1);
        await Eventually.TrueAsync(() => cutOff.Begun == 2, TimeSpan.FromSeconds(40), "it goes on");
        Assert.Equal(0, Ledger.Repeats);
    }

    [SkippableFact]
    public async Task A_worker_that_was_frozen_begins_nothing_whose_lease_has_ended()
    {
        const int messages = 100, parallel = 5;
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await SendAsync(bus, messages);
        await using var frozen = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger,
            $"lease={Lease}", $"prefetch={messages}", $"limit={parallel}", "work=400", "stubborn=1");
        await frozen.ReadyAsync();
        await Eventually.TrueAsync(async () => frozen.Begun >= parallel && (await Probe.ReadAsync()).Ready == 0,
            message: "it holds everything");
        frozen.Suspend();
        await using var other = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, $"lease={Lease}", "prefetch=100");
        await other.ReadyAsync();
        await Probe.EmptyAsync();
        frozen.Resume();

        await SendAsync(bus, 50);
        await AssertNothingLostAsync("worker SIGSTOP past its leases with a hundred prefetched");
        await Eventually.TrueAsync(() => frozen.Unfinished.Count == 0, message: "the thawed worker has ended what it had begun");
        // Only what was in its hands when it froze.
        Assert.InRange(Ledger.Repeats, 0, parallel);
        await frozen.StopAsync();
        await other.StopAsync();
    }

    [SkippableFact]
    public async Task A_server_that_is_down_for_longer_than_a_lease_ends_no_work_and_nothing_runs_twice()
    {
        const int messages = 40;
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await SendAsync(bus, messages);
        string[] options = [$"lease={Lease}", $"prefetch={messages / 2}", $"limit={messages / 4}", "work=9000"];
        await using var first = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, options);
        await using var second = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, options);
        await first.ReadyAsync();
        await second.ReadyAsync();
        await Eventually.TrueAsync(() => first.Begun >= messages / 4 && second.Begun >= messages / 4, message: "both are at work");
        await Server.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(killed).TotalMilliseconds > 2 * Lease, message: "two leases");
        await Server.RestartAsync();

        await AssertNothingLostAsync("server down for two leases, consumers at work throughout");
        Assert.Equal(0, Ledger.Repeats);
        Assert.Equal(messages, first.Begun + second.Begun);
        Assert.Equal(0, first.Cancelled + second.Cancelled);
        await first.StopAsync();
        await second.StopAsync();
    }

    [SkippableFact]
    public async Task Consumers_that_block_every_thread_keep_their_leases()
    {
        const int messages = 30;
        var lateRenewal = LogNumbers.Of(typeof(LogMessages), nameof(LogMessages.RenewalLate));
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await SendAsync(bus, messages);
        await using var blocked = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger,
            $"lease={Lease}", $"prefetch={messages}", "work=8000", "block=1");
        // Who looks for what the blocked one has lost.
        await using var other = await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, $"lease={Lease}", "prefetch=1",
            "block=1", "work=8000");
        await other.ReadyAsync();

        await Ledger.AllConsumedAsync(TimeSpan.FromSeconds(120));
        await Probe.EmptyAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(messages, blocked.Begun + other.Begun);
        Assert.Equal(0, Ledger.Repeats);
        Assert.Equal(0, await Probe.CounterAsync("reclaimed"));
        Output.WriteLine($"late renewals: {blocked.CountLogged(lateRenewal)}");
    }

    async Task SendAsync(FaultBus bus, int count)
    {
        var endpoint = await bus.QueueAsync(Queue);
        for (var i = 0; i < count; i++)
        {
            var id = Ledger.NextId();
            await endpoint.Send(Ledger.PingOf(id));
            Ledger.Confirm(id);
        }
    }
}
