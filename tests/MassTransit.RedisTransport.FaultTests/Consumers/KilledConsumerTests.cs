using System.Globalization;
using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Consumers;

/// <summary>Processes that end without a word: SIGKILL, as the kernel does when memory is short.</summary>
public sealed class KilledConsumerTests(ITestOutputHelper output) : FaultTest(output)
{
    const int Kills = 10, LeaseMilliseconds = 1_000, Prefetch = 20;

    [SkippableFact]
    public async Task Consumers_killed_again_and_again_lose_nothing()
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        var workers = new[] { await StartAsync(), await StartAsync() };
        try
        {
            await workers[0].ReadyAsync();
            await using var load = await Load.StartAsync(bus, Queue, Ledger);
            for (var kill = 0; kill < Kills; kill++)
            {
                var victim = await workers[kill % 2].ReadyAsync();
                // One is always at work, so that what is measured is the transport and not the start of a process.
                var other = await workers[(kill + 1) % 2].ReadyAsync();
                await Eventually.TrueAsync(() => other.Done > 0, message: "the other consumer is at work");
                await Eventually.TrueAsync(() => victim is { Done: >= 20, Unfinished.Count: > 0 }, message: "the next victim is at work");
                await victim.KillAsync();
                await Probe.AssertInOnePlaceAsync();
                workers[kill % 2] = await StartAsync();
            }

            await load.StopAsync();
            await Eventually.TrueAsync(() => Ledger.Lost.Count == 0, TimeSpan.FromSeconds(30), "every confirmed message is consumed");
            var times = Ledger.Redeliveries.Select(x => x.TotalMilliseconds).Order().ToArray();
            await AssertNothingLostAsync($"consumer kill -9, {Kills} times",
                times.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
                $"kill to redelivery of {times.Length}: median {times[times.Length / 2]:0} ms, longest {times[^1]:0} ms, lease "
                    + $"{LeaseMilliseconds} ms"));

            Assert.Empty(Ledger.Refused);
            Assert.Equal(Ledger.Confirmed, Ledger.Distinct);
            // A killed process takes with it what it worked on, and acknowledgements that had not arrived.
            Assert.InRange(Ledger.Repeats, 0, Kills * Prefetch * 4);
            Assert.NotEmpty(times);
            // The lease, the safety poll of an idle receiver, and a machine that is busy with other things.
            Assert.InRange(times[^1], 0, LeaseMilliseconds + 1_000 + 4_000);
            foreach (var worker in workers)
                await (await worker.ReadyAsync()).StopAsync();
        }
        finally
        {
            foreach (var worker in workers)
                await worker.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Producers_killed_while_they_send_lose_nothing_that_was_confirmed()
    {
        const int kills = 3, step = 1_000_000;
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var producer = await WorkerProcess.StartAsync(Server, Prefix, Queue, "produce", Ledger, $"from={1 + kill * step}");
            await producer.ReadyAsync();
            await Ledger.MoreConfirmedAsync(200);
            await producer.KillAsync();
        }

        await AssertNothingLostAsync($"producer kill -9, {kills} times");
        Assert.Equal(0, Ledger.Repeats);
        // One send may have been stored whose confirmation the process did not live to report.
        Assert.InRange(Ledger.Distinct, Ledger.Confirmed, Ledger.Confirmed + kills);
    }

    Task<WorkerProcess> StartAsync() =>
        WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, $"lease={LeaseMilliseconds}", $"prefetch={Prefetch}", "work=5");
}
