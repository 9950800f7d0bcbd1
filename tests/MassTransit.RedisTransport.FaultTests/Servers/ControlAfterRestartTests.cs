using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Servers;

/// <summary>What operators set stands on the server's disk, and no process is needed to keep it or to end it.</summary>
public sealed class ControlAfterRestartTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly RedisActor By = new("ops@web1", "the bank is down");

    protected override RedisServerOptions ServerOptions => new() { AppendFsync = "always" };

    [SkippableFact]
    public async Task Pause_limit_rate_and_workers_outlive_the_processes_the_server_and_a_deployment()
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await using var administration = RedisAdministration.Connect(Server.ConnectionString, Prefix);
        var queues = administration.Queues;
        var first = await StartAsync("limit=10");
        await queues.SetLimitAsync(Queue, 7, By);
        await queues.SetRateAsync(Queue, 900, By);
        await queues.SetWorkersAsync(Queue, 3, By);
        await queues.PauseAsync(Queue, By);
        Assert.True((await queues.WaitForPauseAsync(Queue, TimeSpan.FromSeconds(30))).Done);
        var set = await queues.GetControlAsync(Queue);
        await SendAsync(bus, 50);

        await first.KillAsync();
        await Server.KillAsync();
        await Server.RestartAsync();
        var second = await StartAsync("limit=20");
        await first.DisposeAsync();

        Assert.True((await queues.WaitForPauseAsync(Queue, TimeSpan.FromSeconds(60))).Done, "the new process obeys");
        var kept = await queues.GetControlAsync(Queue);
        Assert.Equal((true, set.PausedAt, "ops@web1", "the bank is down", 7, 900, 3, set.Version),
            (kept.IsPaused, kept.PausedAt, kept.PausedBy, kept.Reason, kept.Limit, kept.Rate, kept.Workers, kept.Version));
        Assert.Equal((50L, 0L), await ReadyAndLeasedAsync());
        Assert.Equal(0, Ledger.Deliveries);

        await queues.ResumeAsync(Queue, By);
        await AssertNothingLostAsync("kill -9 of the consumer and of the server during a pause");
        // The killed one counts as alive for half a minute.
        Assert.Equal(3, Assert.Single(await queues.ListReceiversAsync(Queue), x => x.ConfiguredWorkers == 20).WorkerLimit);
        await second.StopAsync();
    }

    [SkippableFact]
    public async Task A_pause_for_some_seconds_ends_while_nobody_runs_and_the_next_process_consumes()
    {
        Server.SkipIfNotControllable();
        await using var bus = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await using var administration = RedisAdministration.Connect(Server.ConnectionString, Prefix);
        var queues = administration.Queues;
        await using (var first = await StartAsync())
        {
            await queues.PauseAsync(Queue, By, TimeSpan.FromSeconds(5));
            await SendAsync(bus, 20);
            await first.KillAsync();
        }

        await Server.KillAsync();
        await Server.RestartAsync();
        await Eventually.TrueAsync(async () => !(await queues.GetControlAsync(Queue)).IsPaused, TimeSpan.FromSeconds(60),
            "the pause ends by the server's clock");
        Assert.Equal((20L, 0L), await ReadyAndLeasedAsync());

        await using var second = await StartAsync();
        await AssertNothingLostAsync("a pause of 5 s that ended while nobody ran");
        Assert.Equal(20, Ledger.Deliveries);
        await second.StopAsync();
    }

    async Task SendAsync(FaultBus bus, int count)
    {
        var endpoint = await bus.QueueAsync(Queue);
        for (var i = 0; i < count; i++)
        {
            var id = Ledger.NextId();
            await endpoint.Send(new FaultWorker.Ping { Id = id });
            Ledger.Confirm(id);
        }
    }

    async Task<(long Ready, long Leased)> ReadyAndLeasedAsync()
    {
        var state = await Probe.ReadAsync();
        return (state.Ready, state.Leased);
    }

    async Task<WorkerProcess> StartAsync(params string[] options) =>
        await (await WorkerProcess.StartAsync(Server, Prefix, Queue, "consume", Ledger, options)).ReadyAsync();
}
