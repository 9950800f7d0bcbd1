using System.Globalization;
using System.Net;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Worker;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>Three primaries with a replica each; something happens to the one that has the queue of the plain messages.</summary>
internal abstract class ClusterScenario : IScenario
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public abstract string Name { get; }

    public string Group => "Cluster (a replica for each primary)";

    public abstract string Description { get; }

    /// <summary>The replicas that a send waits for, one setting after the other.</summary>
    protected virtual int[] RequiredReplicas => [0];

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        foreach (var replicas in RequiredReplicas)
        {
            var row = new Row
            {
                Group = Group,
                Scenario = Name,
                Fault = Description,
                Setting = replicas == 0 ? "none" : $"RequireReplicas({replicas})",
                MayLose = MayLose(replicas),
                MayRepeat = replicas > 0 ? Reason.Refused : null,
            };
            yield return await Measured.RowAsync(row, async measured =>
            {
                await using var cluster = new RedisClusterServers(3, replicas: 1, appendFsync: "everysec");
                await Measured.StartAsync(cluster);
                await using var redis = await cluster.ConnectAsync();
                var options =
                    new SenderOptions { Server = cluster.ConnectionString, Prefix = Measured.Prefix(), RequireReplicas = replicas };
                await using var trial = await Trial.StartAsync(settings, options);
                await FaultAsync(cluster, redis, trial);
                await trial.SteadyAsync("after the fault");
                return await trial.CountAsync(measured);
            });
        }
    }

    protected virtual Reason? MayLose(int replicas) => null;

    protected abstract Task FaultAsync(RedisClusterServers cluster, ConnectionMultiplexer redis, Trial trial);

    /// <summary>The slot of a queue: all its keys share the tag that is its name.</summary>
    protected static int Slot(ConnectionMultiplexer redis, string queue = WorkerOptions.Queue) => redis.HashSlot($"{{{queue}}}");

    /// <summary>The server that has a slot now, by the word of one that lives.</summary>
    protected static async Task<RedisServerProcess> OwnerAsync(RedisClusterServers cluster, int slot)
    {
        foreach (var line in await NodesAsync(cluster))
        {
            var parts = line.Split(' ');
            if (parts.Length > 8 && parts[2].Contains("master", StringComparison.Ordinal)
                && !parts[2].Contains("fail", StringComparison.Ordinal)
                && parts[8..].Any(x => Holds(x, slot)))
                return At(cluster, parts[1]);
        }

        throw new InvalidOperationException($"Nobody has slot {slot}.");
    }

    protected static async Task<RedisServerProcess> ReplicaOfAsync(RedisClusterServers cluster, RedisServerProcess primary)
    {
        var id = await IdAsync(primary);
        string? line = null;
        // The cluster tells itself of a change within seconds.
        await Eventually.TrueAsync(
            async () => (line = (await NodesAsync(cluster))
                .FirstOrDefault(x => x.Split(' ') is { Length: > 3 } parts && parts[3] == id)) is not null,
            Limit, "the primary has a replica");
        return At(cluster, line!.Split(' ')[1]);
    }

    protected static async Task<string> IdAsync(RedisServerProcess server) =>
        (await RespProbe.SendAsync(server.Port, "CLUSTER MYID"))!.Split("\r\n")[1];

    protected static async Task<string> CommandAsync(RedisServerProcess server, string command)
    {
        var reply = await RespProbe.SendAsync(server.Port, command);
        return reply is null || reply[0] == '-' ? throw new InvalidOperationException($"{command}: {reply ?? "no reply"}") : reply;
    }

    protected static Task TakenOverAsync(RedisClusterServers cluster, int slot, RedisServerProcess old) => Eventually.TrueAsync(
        async () => (await OwnerAsync(cluster, slot)).Port != old.Port, Limit, "the replica takes over");

    static async Task<string[]> NodesAsync(RedisClusterServers cluster)
    {
        foreach (var server in cluster.Servers)
        {
            if (await RespProbe.SendAsync(server.Port, "CLUSTER NODES") is { } reply)
                return reply.Split('\n');
        }

        throw new InvalidOperationException("No server of the cluster answers.");
    }

    static RedisServerProcess At(RedisClusterServers cluster, string address) =>
        cluster.Servers.Single(x => address.Split('@')[0].EndsWith($":{x.Port}", StringComparison.Ordinal));

    static bool Holds(string range, int slot)
    {
        if (range.StartsWith('['))
            return false;
        var bounds = range.Trim().Split('-');
        var first = int.Parse(bounds[0], CultureInfo.InvariantCulture);
        return slot >= first && slot <= (bounds.Length > 1 ? int.Parse(bounds[1], CultureInfo.InvariantCulture) : first);
    }
}

internal sealed class ClusterKilled : ClusterScenario
{
    public override string Name => "cluster-killed";

    public override string Description => "a primary is killed, its replica takes over, and it comes back";

    protected override int[] RequiredReplicas => [0, 1];

    protected override Reason? MayLose(int replicas) => replicas == 0 ? Reason.Promotion : null;

    protected override async Task FaultAsync(RedisClusterServers cluster, ConnectionMultiplexer redis, Trial trial)
    {
        var old = await OwnerAsync(cluster, Slot(redis));
        await trial.NoteInHandAsync();
        await old.KillAsync();
        await TakenOverAsync(cluster, Slot(redis), old);
        trial.Back(TimeSpan.FromSeconds(3));
        await Task.Delay(TimeSpan.FromSeconds(4));
        await old.RestartAsync();
    }
}

internal sealed class ClusterFailover : ClusterScenario
{
    public override string Name => "cluster-failover";

    public override string Description => "planned failover (CLUSTER FAILOVER), there and back";

    protected override async Task FaultAsync(RedisClusterServers cluster, ConnectionMultiplexer redis, Trial trial)
    {
        for (var i = 0; i < 2; i++)
        {
            await trial.NoteInHandAsync();
            var old = await OwnerAsync(cluster, Slot(redis));
            await CommandAsync(await ReplicaOfAsync(cluster, old), "CLUSTER FAILOVER");
            await TakenOverAsync(cluster, Slot(redis), old);
            await trial.SteadyAsync("after the failover");
        }
    }
}

internal sealed class ClusterResharding : ClusterScenario
{
    public override string Name => "cluster-resharding";

    public override string Description => "the slots of both queues move to other primaries, and back";

    protected override async Task FaultAsync(RedisClusterServers cluster, ConnectionMultiplexer redis, Trial trial)
    {
        await trial.NoteInHandAsync();
        int[] slots = [Slot(redis), Slot(redis, WorkerOptions.ProcessorQueue)];
        for (var i = 0; i < 2; i++)
        {
            foreach (var slot in slots)
            {
                var from = await OwnerAsync(cluster, slot);
                var to = cluster.Servers.Take(3).First(x => x.Port != from.Port);
                await MoveAsync(cluster, redis, slot, from, to);
            }

            await trial.SteadyAsync("after the move");
        }
    }

    static async Task MoveAsync(RedisClusterServers cluster, ConnectionMultiplexer redis, int slot, RedisServerProcess from,
        RedisServerProcess to)
    {
        var (fromId, toId) = (await IdAsync(from), await IdAsync(to));
        await CommandAsync(to, $"CLUSTER SETSLOT {slot} IMPORTING {fromId}");
        await CommandAsync(from, $"CLUSTER SETSLOT {slot} MIGRATING {toId}");
        var source = redis.GetServer(IPEndPoint.Parse(from.ConnectionString));
        while ((RedisKey[])(await source.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, 10))! is { Length: > 0 } keys)
            await source.ExecuteAsync("MIGRATE",
                [IPAddress.Loopback.ToString(), to.Port, "", 0, 5_000, "KEYS", .. keys.Select(x => (object)x)]);
        // First the one that takes it, so that the slot is never nobody's.
        await CommandAsync(to, $"CLUSTER SETSLOT {slot} NODE {toId}");
        await CommandAsync(from, $"CLUSTER SETSLOT {slot} NODE {toId}");
        foreach (var other in cluster.Servers.Take(3).Where(x => x != from && x != to))
            await CommandAsync(other, $"CLUSTER SETSLOT {slot} NODE {toId}");
    }
}
