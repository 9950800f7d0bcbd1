using System.Diagnostics;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Servers;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>A fault of workers; the server is well.</summary>
internal abstract class WorkerScenario : IScenario
{
    /// <summary>Longer than a lease, as a suspended machine is.</summary>
    protected static readonly TimeSpan Away = 1.5 * WorkerOptions.Lease;

    const int SlowWork = 1_500;

    public abstract string Name { get; }

    public string Group => "Workers";

    public abstract string Description { get; }

    /// <summary>How many workers lose what they have in hand, each time counted.</summary>
    protected abstract int Hands(Settings settings);

    public virtual async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        var row = new Row { Group = Group, Scenario = Name, Fault = Description, Setting = "", Hands = Hands(settings) };
        yield return await SingleServer.MeasureAsync(settings, row, new RedisServerOptions(), (_, trial) => FaultAsync(settings, trial),
            concurrency: Concurrency);
    }

    /// <summary>How many messages a worker consumes at a time, where it matters.</summary>
    protected virtual int? Concurrency => null;

    protected abstract Task FaultAsync(Settings settings, Trial trial);

    /// <summary>Fills the workers' hands, so that what they hold takes longer than a lease.</summary>
    protected static async Task FillAsync(Trial trial)
    {
        await trial.Load.BurstAsync(plain: 2 * WorkerOptions.Prefetch,
            webhooks: 4 * WorkerOptions.ProcessorWorkers * WorkerOptions.BatchSize, work: SlowWork);
        await trial.NoteInHandAsync();
    }
}

internal sealed class WorkerKilled : WorkerScenario
{
    public override string Name => "worker-killed";

    public override string Description => "a worker is killed (SIGKILL) and started again, again and again";

    protected override int Hands(Settings settings) => settings.Short ? 1 : 3;

    protected override async Task FaultAsync(Settings settings, Trial trial)
    {
        for (var i = 0; i < Hands(settings); i++)
        {
            await FillAsync(trial);
            await trial.AllWorkers[^1].KillAsync();
            await (await trial.AddWorkerAsync()).ReadyAsync();
        }
    }
}

internal sealed class WorkerFrozen : WorkerScenario
{
    public override string Name => "worker-frozen";

    public override string Description => "a worker is frozen (SIGSTOP) for one and a half leases";

    protected override int Hands(Settings settings) => 1;

    protected override async Task FaultAsync(Settings settings, Trial trial)
    {
        await FillAsync(trial);
        var worker = trial.AllWorkers[0];
        var from = Stopwatch.GetTimestamp();
        worker.Suspend();
        await Task.Delay(Away);
        var to = Stopwatch.GetTimestamp();
        worker.Resume();
        trial.Ledger.Absent(worker.Number, from, to);
    }
}

internal sealed class WorkerBlocked : WorkerScenario
{
    public override string Name => "worker-blocked";

    public override string Description => "consumers block all threads of their workers for one and a half leases";

    // Nothing is taken from anybody: the workers live, and so must their leases.
    protected override int Hands(Settings settings) => 0;

    protected override int? Concurrency => WorkerOptions.Prefetch;

    protected override async Task FaultAsync(Settings settings, Trial trial)
    {
        await trial.NoteInHandAsync();
        await trial.Load.BurstAsync(plain: 2 * WorkerOptions.Prefetch, webhooks: 0, work: (int)Away.TotalMilliseconds, blocks: true);
    }
}

internal sealed class WorkerCutOff : WorkerScenario
{
    public override string Name => "worker-cut-off";

    public override string Description => "a worker is cut off for two leases: no byte passes, no connection closes";

    protected override int Hands(Settings settings) => 1;

    public override async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        var row = new Row { Group = Group, Scenario = Name, Fault = Description, Hands = Hands(settings) };
        yield return await Measured.RowAsync(row with { Setting = "by a proxy that swallows" }, async measured =>
        {
            await using var server = new RedisServerProcess();
            await Measured.StartAsync(server);
            await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
            var options = new SenderOptions { Server = server.ConnectionString, Prefix = Measured.Prefix() };
            await using var trial = await Trial.StartAsync(settings, options, inside: i => ([], i == 0 ? proxy.ConnectionString : null));
            await FillAsync(trial);
            await AwayAsync(trial, proxy.HalfOpen, () =>
            {
                proxy.Pass();
                proxy.Cut();
            });
            await trial.SteadyAsync("after the fault");
            return await trial.CountAsync(measured);
        });
        if (settings.Short)
            yield break;

        yield return await Measured.RowAsync(row with { Setting = "its network namespace has no link" }, async measured =>
        {
            using var networks = Namespaces.Create();
            await using var server =
                new RedisServerProcess(new RedisServerOptions { ExtraLines = { $"bind 127.0.0.1 {networks.Own}", "protected-mode no" } });
            await Measured.StartAsync(server);
            var options = new SenderOptions { Server = server.ConnectionString, Prefix = Measured.Prefix() };
            await using var trial = await Trial.StartAsync(settings, options,
                inside: i => i == 0 ? (networks.InFirst, $"{networks.Own}:{server.Port}") : ([], null));
            await FillAsync(trial);
            await AwayAsync(trial, () => networks.LinkOutside(up: false), () => networks.LinkOutside(up: true));
            await trial.SteadyAsync("after the fault");
            return await trial.CountAsync(measured);
        });
    }

    protected override Task FaultAsync(Settings settings, Trial trial) => throw new NotSupportedException();

    /// <summary>Cuts off the first worker, and lets it come back.</summary>
    public static async Task AwayAsync(Trial trial, Action leave, Action back)
    {
        var from = Stopwatch.GetTimestamp();
        leave();
        await Task.Delay(2 * WorkerOptions.Lease);
        var to = Stopwatch.GetTimestamp();
        back();
        trial.Ledger.Absent(trial.AllWorkers[0].Number, from, to);
    }
}

internal sealed class RollingRestart : WorkerScenario
{
    public override string Name => "rolling-restart";

    public override string Description => "each worker is replaced by a new one and stopped (SIGTERM)";

    // What stops finishes its work and gives the rest back.
    protected override int Hands(Settings settings) => 0;

    protected override async Task FaultAsync(Settings settings, Trial trial)
    {
        foreach (var worker in trial.AllWorkers.ToArray())
        {
            await FillAsync(trial);
            await (await trial.AddWorkerAsync()).ReadyAsync();
            if (!await worker.StopAsync())
                trial.Violated("a worker did not end within a minute of SIGTERM");
        }
    }
}

internal sealed class TwoApplications : IScenario
{
    public string Name => "two-applications";

    public string Group => "Workers";

    public string Description => "two applications on one server are sent webhooks of the same ids, and the server is killed";

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        var rows = new[] { "the first",
            "the second" }.Select(x => new Row { Group = Group, Scenario = Name, Fault = Description, Setting = x }).ToArray();
        Row second = rows[1];
        yield return await Measured.RowAsync(rows[0], async measured =>
        {
            await using var server = new RedisServerProcess(new RedisServerOptions { AppendFsync = "everysec" });
            await Measured.StartAsync(server);
            await using var one = await StartAsync();
            await using var other = await StartAsync();
            await Task.WhenAll(one.NoteInHandAsync(), other.NoteInHandAsync());
            await server.KillAsync();
            await server.RestartAsync();
            await Task.WhenAll(one.SteadyAsync("after the fault"), other.SteadyAsync("after the fault"));
            second = await other.CountAsync(second);
            return await one.CountAsync(measured);

            Task<Trial> StartAsync() => Trial.StartAsync(settings,
                new SenderOptions { Server = server.ConnectionString, Prefix = Measured.Prefix(), OwnDeduplication = true });
        });
        yield return second;
    }
}
