using MassTransit.Webhooks.Faults.Scenarios;

namespace MassTransit.Webhooks.Faults;

/// <summary>All scenarios, in the order of the table.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<IScenario> All =
    [
        new WorkerKilled(), new WorkerFrozen(), new WorkerBlocked(), new WorkerCutOff(), new RollingRestart(), new TwoApplications(),
        new ServerKilled(), new OldSnapshot(), new DiskFull(), new MemoryFull(), new Outage(),
        new SentinelPlanned(), new SentinelKilled(), new SentinelFrozen(), new SentinelRestarted(), new SentinelPartition(),
        new ClusterKilled(), new ClusterFailover(), new ClusterResharding(),
    ];

    /// <summary>Those of a name, or of a family: <c>sentinel</c> is all that begin with <c>sentinel-</c>.</summary>
    public static IReadOnlyList<IScenario> Matching(string name) =>
        [.. All.Where(x => x.Name == name || x.Name.StartsWith(name + "-", StringComparison.Ordinal))];
}
