using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Servers;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>
/// The primary in a network namespace of its own, whose link to the replicas and sentinels goes down; the application reaches both sides.
/// </summary>
internal sealed class SentinelPartition : SentinelScenario
{
    public override string Name => "sentinel-partition";

    public override string Description =>
        "primary cut off from replicas and sentinels, not from the application (network namespaces), for 15 s";

    protected override async Task<Row> MeasureAsync(Settings settings, Safety safety, Row row)
    {
        await using var cluster = await PartitionedSentinels.StartAsync(Replicas, safety);
        var sender = new SenderOptions { Server = cluster.ConnectionString, Prefix = Measured.Prefix(), RequireReplicas = safety.Replicas };
        await using var trial = await Trial.StartAsync(settings, sender);
        await trial.NoteInHandAsync();
        cluster.Cut();
        await Eventually.TrueAsync(async () => await cluster.PrimaryAsync() != cluster.OldPrimary, Limit, "a replica is promoted");
        trial.Back(TimeSpan.FromSeconds(3));
        await Task.Delay(TimeSpan.FromSeconds(10));
        cluster.Heal();
        await trial.SteadyAsync("after the fault");
        return await trial.CountAsync(row);
    }

    protected override Task FaultAsync(SentinelCluster cluster, Trial trial) => throw new NotSupportedException();
}
