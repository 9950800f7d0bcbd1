using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Consumers;

/// <summary>A process that ends while its messages move to the error queue: a move happens altogether or not at all.</summary>
public sealed class KilledWhileFaultingTests(ITestOutputHelper output) : FaultTest(output)
{
    [SkippableFact]
    public async Task Each_message_ends_either_consumed_or_in_the_error_queue()
    {
        const int kills = 5, prefetch = 20;
        Server.SkipIfNotControllable();
        await using var errors = await QueueProbe.OpenAsync(Server, Prefix, Queue + "_error");
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        var worker = await StartAsync(prefetch);
        try
        {
            await worker.ReadyAsync();
            await using var load = await Load.StartAsync(bus, Queue, Ledger);
            for (var kill = 0; kill < kills; kill++)
            {
                await worker.ReadyAsync();
                var moved = (await errors.ReadAsync()).Ready;
                await Eventually.TrueAsync(async () => worker.Unfinished.Any(id => id % 2 == 1) && (await errors.ReadAsync()).Ready > moved
                    + 10,
                    message: "messages are on their way to the error queue");
                await worker.KillAsync();
                await Probe.AssertInOnePlaceAsync();
                await errors.AssertInOnePlaceAsync();
                worker = await StartAsync(prefetch);
            }

            await load.StopAsync();
            await Probe.EmptyAsync(TimeSpan.FromSeconds(40));
            var dead = await errors.IdsAsync();
            var even = Ledger.ConfirmedIds.Where(id => id % 2 == 0).ToHashSet();
            var odd = Ledger.ConfirmedIds.Where(id => id % 2 == 1).Order().ToArray();
            Output.WriteLine("fault | sends confirmed | delivered | repeats | lost | remark");
            Output.WriteLine(
                $"consumer kill -9 while messages fault, {kills} times | {Ledger.Confirmed} | {Ledger.Deliveries} | {Ledger.Repeats} | "
                + $"{odd.Except(dead).Count() + even.Count(id => Ledger.CountOf(id) == 0)} | {dead.Count} in the error queue");

            Assert.Empty(Ledger.Refused);
            Assert.Equal(odd, dead.Order());
            Assert.All(even, id => Assert.NotEqual(0, Ledger.CountOf(id)));
            Assert.Equal(even.Count, Ledger.Distinct);
            await errors.AssertInOnePlaceAsync();
            await (await worker.ReadyAsync()).StopAsync();
        }
        finally
        {
            await worker.DisposeAsync();
        }
    }

    Task<WorkerProcess> StartAsync(int prefetch) =>
        WorkerProcess.StartAsync(Server, Prefix, Queue, "fault", Ledger, "lease=700", $"prefetch={prefetch}", "work=5");
}
