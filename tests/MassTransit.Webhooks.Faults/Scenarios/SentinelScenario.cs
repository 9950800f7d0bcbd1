using System.Globalization;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>What keeps a failover from losing confirmed messages.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="Replicas">How many replicas a send waits for.</param>
/// <param name="MinReplicas">min-replicas-to-write is 1.</param>
/// <param name="MayLose">Why it may lose all the same.</param>
internal sealed record Safety(string Name, int Replicas, bool MinReplicas, Reason? MayLose)
{
    public static readonly Safety Strict = new("RequireReplicas(2): all of them", 2, false, null);

    public static readonly Safety[] All =
    [
        new("none", 0, false, Reason.Replication),
        new("min-replicas-to-write 1, max-lag 2", 0, true, Reason.Lag),
        new("RequireReplicas(1)", 1, false, Reason.OneReplica),
        Strict,
    ];

    public void Write(RedisServerOptions options)
    {
        if (!MinReplicas)
            return;
        options.ExtraLines.Add("min-replicas-to-write 1");
        options.ExtraLines.Add("min-replicas-max-lag 2");
    }
}

/// <summary>One primary, two replicas and three sentinels; something happens to the primary.</summary>
internal abstract class SentinelScenario : IScenario
{
    protected const int Replicas = 2;
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public abstract string Name { get; }

    public string Group => "Sentinel (two replicas)";

    public abstract string Description { get; }

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        foreach (var safety in settings.Short ? [Safety.Strict] : Safety.All)
        {
            var row = new Row { Group = Group, Scenario = Name, Fault = Description, Setting = safety.Name, MayLose = MayLose(safety) };
            if (safety.Replicas > 0)
                row = row with { MayRepeat = Reason.Refused };
            yield return await Measured.RowAsync(row, measured => MeasureAsync(settings, safety, measured));
        }
    }

    protected virtual Reason? MayLose(Safety safety) => safety.MayLose;

    protected virtual async Task<Row> MeasureAsync(Settings settings, Safety safety, Row row)
    {
        var options = new RedisServerOptions { AppendFsync = "everysec" };
        safety.Write(options);
        await using var cluster = new SentinelCluster(Replicas, options);
        await Measured.StartAsync(cluster);
        var sender = new SenderOptions { Server = cluster.ConnectionString, Prefix = Measured.Prefix(), RequireReplicas = safety.Replicas };
        await using var trial = await Trial.StartAsync(settings, sender);
        await FaultAsync(cluster, trial);
        await trial.SteadyAsync("after the fault");
        return await trial.CountAsync(row);
    }

    protected abstract Task FaultAsync(SentinelCluster cluster, Trial trial);

    protected static RedisServerProcess At(SentinelCluster cluster, int port) => cluster.Servers.Single(x => x.Port == port);

    /// <summary>A server that was the primary takes itself for it until the sentinels tell it otherwise, some 10 s later.</summary>
    protected static Task DemotedAsync(int port) => Eventually.TrueAsync(
        async () => (await RespProbe.SendAsync(port, "ROLE"))?.Contains("slave", StringComparison.Ordinal) is true, Limit,
        "the old primary becomes a replica");

    protected static int SentinelPort(SentinelCluster cluster) =>
        int.Parse(cluster.ConnectionString.Split(',')[0].Split(':')[1], CultureInfo.InvariantCulture);
}

internal sealed class SentinelPlanned : SentinelScenario
{
    public override string Name => "sentinel-planned";

    public override string Description => "planned failover (SENTINEL FAILOVER)";

    protected override async Task FaultAsync(SentinelCluster cluster, Trial trial)
    {
        await trial.NoteInHandAsync();
        var old = await cluster.PrimaryPortAsync();
        var reply = await RespProbe.SendAsync(SentinelPort(cluster), "SENTINEL FAILOVER tests");
        if (reply is not "+OK\r\n")
            throw new InvalidOperationException($"The sentinel did not fail over: {reply}");
        await cluster.WaitForFailoverAsync(old);
        trial.Back(TimeSpan.FromSeconds(3));
        await DemotedAsync(old);
    }
}

internal sealed class SentinelKilled : SentinelScenario
{
    public override string Name => "sentinel-killed";

    public override string Description => "primary killed, and started again once another one has taken over";

    protected override async Task FaultAsync(SentinelCluster cluster, Trial trial)
    {
        var old = await cluster.PrimaryPortAsync();
        await trial.NoteInHandAsync();
        await At(cluster, old).KillAsync();
        await cluster.WaitForFailoverAsync(old);
        trial.Back(TimeSpan.FromSeconds(3));
        await Task.Delay(TimeSpan.FromSeconds(4));
        await At(cluster, old).RestartAsync();
        await DemotedAsync(old);
    }
}

internal sealed class SentinelFrozen : SentinelScenario
{
    public override string Name => "sentinel-frozen";

    public override string Description => "primary frozen (SIGSTOP), and thawed once another one has taken over";

    protected override async Task FaultAsync(SentinelCluster cluster, Trial trial)
    {
        var old = await cluster.PrimaryPortAsync();
        await trial.NoteInHandAsync();
        At(cluster, old).Suspend();
        await cluster.WaitForFailoverAsync(old);
        trial.Back(TimeSpan.FromSeconds(3));
        await Task.Delay(TimeSpan.FromSeconds(4));
        At(cluster, old).Resume();
        await DemotedAsync(old);
    }
}

internal sealed class SentinelRestarted : SentinelScenario
{
    public override string Name => "sentinel-restarted";

    public override string Description => "primary killed, and started again before the sentinels notice";

    // It comes back with its append-only file, and nobody else is promoted.
    protected override Reason? MayLose(Safety safety) => null;

    protected override async Task FaultAsync(SentinelCluster cluster, Trial trial)
    {
        var primary = At(cluster, await cluster.PrimaryPortAsync());
        await trial.OutageAsync(primary.KillAsync, primary.RestartAsync);
    }
}
