using System.Diagnostics;
using MassTransit.RedisTransport.FaultTests.Support;
using MassTransit.RedisTransport.FaultWorker;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Servers;

/// <summary>An outage longer than a send waits: a clear error in time, and no restart of the application afterwards.</summary>
public sealed class AbsentServerTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Above the send timeout: one pause between two attempts, and a busy machine.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    protected override RedisServerOptions ServerOptions => new() { AppendFsync = "always" };

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_send_fails_within_its_timeout_and_works_again_when_the_server_is_back(bool frozen)
    {
        Server.SkipIfNotControllable();
        await using var bus =
            await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger, host: h => h.SendTimeout = SendTimeout);
        var endpoint = await bus.QueueAsync(Queue);
        await SendAsync(endpoint);
        await Ledger.AllConsumedAsync();

        if (frozen)
            Server.Suspend();
        else
            await Server.KillAsync();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 2; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var exception = await Assert.ThrowsAsync<RedisTransportException>(() => endpoint.Send(Ledger.PingOf(Ledger.NextId())));
            var elapsed = Stopwatch.GetElapsedTime(started);
            longest = elapsed > longest ? elapsed : longest;
            Assert.True(exception.IsTransient);
            Assert.Contains("SendTimeout", exception.Message, StringComparison.Ordinal);
        }

        if (frozen)
            Server.Resume();
        else
            await Server.RestartAsync();
        await Eventually.TrueAsync(() => TrySendAsync(endpoint), message: "sends work again");
        await SendAsync(endpoint);
        await AssertNothingLostAsync($"Redis {(frozen ? "frozen" : "gone")} while sending",
            $"a send failed after {longest.TotalSeconds:0.0} s of {SendTimeout.TotalSeconds:0} s");
        Assert.InRange(longest, TimeSpan.Zero, SendTimeout + Slack);
    }

    [SkippableFact]
    public async Task A_cancelled_send_does_not_wait_for_the_server()
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger);
        var endpoint = await bus.QueueAsync(Queue);
        await SendAsync(endpoint);
        Server.Suspend();

        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var sending = endpoint.Send(Ledger.PingOf(Ledger.NextId()), patience.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.CompletesAsync(sending, TimeSpan.FromSeconds(3)));

        Server.Resume();
        await AssertNothingLostAsync("send cancelled while Redis is frozen");
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bus_stops_in_time_without_its_server(bool frozen)
    {
        Server.SkipIfNotControllable();
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix, h => h.SendTimeout = SendTimeout,
            x => x.ReceiveEndpoint(Queue, endpoint =>
        {
            endpoint.PrefetchCount = 2;
            endpoint.LeaseDuration = TimeSpan.FromSeconds(1);
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Handler<Ping>(async context =>
            {
                working.TrySetResult();
                await finish.Task;
                Ledger.Consume(context.Message.Id);
            });
        }));
        var sender = await bus.QueueAsync(Queue);
        for (var i = 0; i < 5; i++)
            await SendAsync(sender);
        await Eventually.CompletesAsync(working.Task);

        if (frozen)
            Server.Suspend();
        else
            await Server.KillAsync();
        // Acknowledgements that cannot arrive, leases that cannot be given back, and a receiver that cannot fetch.
        finish.SetResult();
        var started = Stopwatch.GetTimestamp();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await bus.StopAsync(TimeSpan.FromSeconds(20), patience.Token);
        var elapsed = Stopwatch.GetElapsedTime(started);

        if (frozen)
            Server.Resume();
        else
            await Server.RestartAsync();
        await using var next = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger);
        await AssertNothingLostAsync($"bus stopped while Redis is {(frozen ? "frozen" : "gone")}",
            $"stopped after {elapsed.TotalSeconds:0.0} s");
        Assert.InRange(Ledger.Repeats, 0, 2);
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [SkippableFact]
    public async Task A_stop_waits_for_its_consumers_while_the_server_is_frozen()
    {
        Server.SkipIfNotControllable();
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus =
            await FaultBus.StartAsync(Server.ConnectionString, Prefix, configure: x => x.ReceiveEndpoint(Queue, endpoint =>
        {
            endpoint.LeaseDuration = TimeSpan.FromSeconds(1);
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Handler<Ping>(async context =>
            {
                working.TrySetResult();
                // Longer than the client waits for the answer to a fetch.
                await Task.Delay(TimeSpan.FromSeconds(6));
                Ledger.Consume(context.Message.Id);
            });
        }));
        await SendAsync(await bus.QueueAsync(Queue));
        await Eventually.CompletesAsync(working.Task);
        Server.Suspend();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await bus.StopAsync(TimeSpan.FromSeconds(25), patience.Token);
        Assert.Equal(1, Ledger.Deliveries);

        Server.Resume();
        await using var next = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger);
        await AssertNothingLostAsync("bus stopped with a consumer at work while Redis is frozen");
    }

    [SkippableFact]
    public async Task An_idle_bus_stops_in_time_without_its_server_and_without_a_limit_of_its_own()
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.ReceivingAsync(Server.ConnectionString, Prefix, Queue, Ledger);
        var endpoint = await bus.QueueAsync(Queue);
        await SendAsync(endpoint);
        await AssertNothingLostAsync("before the server goes");
        await Server.KillAsync();

        var started = Stopwatch.GetTimestamp();
        await bus.StopAsync(TimeSpan.FromSeconds(30));
        var elapsed = Stopwatch.GetElapsedTime(started);
        Output.WriteLine($"stopped after {elapsed.TotalSeconds:0.0} s");
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    async Task<bool> TrySendAsync(ISendEndpoint endpoint)
    {
        try
        {
            await SendAsync(endpoint);
            return true;
        }
        catch (RedisTransportException)
        {
            return false;
        }
    }

    async Task SendAsync(ISendEndpoint endpoint)
    {
        var id = Ledger.NextId();
        await endpoint.Send(Ledger.PingOf(id));
        Ledger.Confirm(id);
    }
}
