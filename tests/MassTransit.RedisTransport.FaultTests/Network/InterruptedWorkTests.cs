using MassTransit.RedisTransport.FaultTests.Support;
using MassTransit.RedisTransport.FaultWorker;
using MassTransit.RedisTransport.Scripts;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Network;

/// <summary>Work that goes on while its connections do not.</summary>
public sealed class InterruptedWorkTests(ITestOutputHelper output) : FaultTest(output)
{
    [SkippableFact]
    public async Task A_consumer_at_work_keeps_its_lease_through_broken_connections()
    {
        const int cuts = 12;
        Server.SkipIfNotControllable();
        await using var proxy = await FaultProxy.ListenAsync(Server.ConnectionString);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = await FaultBus.StartAsync(proxy.ConnectionString, Prefix, configure: x => x.ReceiveEndpoint(Queue, endpoint =>
        {
            endpoint.LeaseDuration = TimeSpan.FromSeconds(3);
            endpoint.Handler<Ping>(async context =>
            {
                await finish.Task.WaitAsync(context.CancellationToken);
                Ledger.Consume(context.Message.Id);
            });
        }));
        var id = Ledger.NextId();
        await bus.Control.Publish(Ledger.PingOf(id));
        Ledger.Confirm(id);
        await Eventually.TrueAsync(async () => (await Probe.ReadAsync()).Leased == 1, message: "the message is leased");

        for (var i = 0; i < cuts; i++)
        {
            var end = await Probe.LeaseEndAsync();
            // The renewal itself meets the fault, then what comes between two renewals.
            if (i % 2 == 0)
                await Eventually.CompletesAsync(proxy.DropReplies(Convert.ToHexStringLower(ScriptCatalog.Renew.Hash)),
                    message: "a renewal is not answered");
            else
                await Probe.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            end = Math.Max(end, await Probe.LeaseEndAsync());
            await Eventually.TrueAsync(async () => await Probe.LeaseEndAsync() > end,
                message: $"the lease is renewed after broken connection {i + 1}");
        }

        finish.SetResult();
        await AssertNothingLostAsync($"connection broken under a long consumer, {cuts} times");
        Assert.Equal(1, Ledger.Deliveries);
        Assert.Equal(0, await Probe.CounterAsync("reclaimed"));
    }

    [SkippableFact]
    public async Task Replies_lost_at_random_under_load_neither_lose_nor_repeat_anything()
    {
        const int drops = 24;
        Server.SkipIfNotControllable();
        await using var proxy = await FaultProxy.ListenAsync(Server.ConnectionString);
        await using var bus = await FaultBus.ReceivingAsync(proxy.ConnectionString, Prefix, Queue, Ledger, lease: TimeSpan.FromSeconds(30));
        await using var load = await Load.StartAsync(bus, Queue, Ledger);
        await Ledger.MoreConsumedAsync(100);
        for (var i = 0; i < drops; i++)
        {
            // Whatever script comes next: a send, a fetch, an acknowledgement.
            var lost = proxy.DropReplies("EVALSHA");
            await Eventually.CompletesAsync(lost, message: "a reply is lost");
            await Ledger.MoreConsumedAsync(10 + i, message: $"receiving goes on after lost reply {i + 1}");
        }

        await load.StopAsync();
        await AssertNothingLostAsync($"replies of scripts lost under load, {drops} times");
        Assert.Empty(Ledger.Refused);
        Assert.Equal(Ledger.Confirmed, await Probe.CounterAsync("sent"));
        Assert.Equal(Ledger.Confirmed, Ledger.Deliveries);
    }
}
