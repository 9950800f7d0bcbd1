using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>A Redis cluster of primaries that share the slots evenly, on this machine.</summary>
public sealed class RedisClusterServers : TestServer
{
    const string AddressVariable = "TEST_REDIS_CLUSTER";
    const int Slots = 16384;

    readonly int _primaries, _replicas;
    readonly string? _appendFsync;
    readonly string? _external = Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } value ? value : null;
    readonly List<RedisServerProcess> _servers = [];
    readonly List<int> _busPorts = [];

    public RedisClusterServers() : this(3)
    {
    }

    /// <param name="primaries">At least 3: fewer cannot agree that one has failed.</param>
    /// <param name="replicas">How many servers copy each primary.</param>
    /// <param name="appendFsync">The append-only file of each server; <c>null</c>: none.</param>
    public RedisClusterServers(int primaries, int replicas = 0, string? appendFsync = null) : base("redis-cluster")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(primaries, 3);
        _primaries = primaries;
        _replicas = replicas;
        _appendFsync = appendFsync;
    }

    public override string ConnectionString => _external ?? string.Join(',', _servers.Select(s => s.ConnectionString));

    /// <summary>All servers, the primaries first; then the first replica of each, and so on.</summary>
    public IReadOnlyList<RedisServerProcess> Servers => _servers;

    public override async Task StartAsync()
    {
        if (_external is not null)
        {
            IsExternal = IsAvailable = true;
            Reason = "";
            return;
        }

        for (var i = 0; i < _primaries * (1 + _replicas); i++)
        {
            var busPort = FreePort.Next();
            var options = new RedisServerOptions
            {
                AppendFsync = _appendFsync,
                // cluster-port: by default the bus is at the port + 10000, which may be taken or out of range.
                ExtraLines = { "cluster-enabled yes", $"cluster-port {busPort}", "cluster-node-timeout 3000",
                    "cluster-config-file nodes.conf", "repl-diskless-sync-delay 0" }
            };
            var server = new RedisServerProcess(options);
            _servers.Add(server);
            _busPorts.Add(busPort);
            await server.StartAsync();
            if (!server.IsAvailable)
            {
                Reason = $"{server.Reason}, and {AddressVariable} is not set";
                return;
            }
        }

        await JoinAsync();
        await Eventually.TrueAsync(IsWholeAsync, TimeSpan.FromSeconds(60), "cluster_state is ok on every node");
        for (var i = _primaries; i < _servers.Count; i++)
            await ReplicateAsync(i, i % _primaries);
        IsAvailable = true;
        Reason = "";
    }

    public override async Task KillAsync() => await _servers[0].KillAsync();

    public override async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    async Task JoinAsync()
    {
        for (var i = 0; i < _primaries; i++)
        {
            var first = i * Slots / _primaries;
            var last = (i + 1) * Slots / _primaries - 1;
            await CommandAsync(i, $"CLUSTER ADDSLOTSRANGE {first} {last}");
            await CommandAsync(i, $"CLUSTER SET-CONFIG-EPOCH {i + 1}");
        }

        for (var i = 1; i < _servers.Count; i++)
            await CommandAsync(0, $"CLUSTER MEET 127.0.0.1 {_servers[i].Port} {_busPorts[i]}");
    }

    async Task ReplicateAsync(int replica, int primary)
    {
        var id = (await RespProbe.SendAsync(_servers[primary].Port, "CLUSTER MYID"))!.Split("\r\n")[1];
        await CommandAsync(replica, $"CLUSTER REPLICATE {id}");
        await Eventually.TrueAsync(
            async () => (await RespProbe.SendAsync(_servers[replica].Port, "INFO replication"))
                ?.Contains("master_link_status:up", StringComparison.Ordinal) is true,
            TimeSpan.FromSeconds(30), "the replica is in step");
    }

    async Task CommandAsync(int server, string command)
    {
        var reply = await RespProbe.SendAsync(_servers[server].Port, command);
        if (reply?.StartsWith("+OK", StringComparison.Ordinal) != true)
            throw new InvalidOperationException($"{command} on port {_servers[server].Port}: {reply ?? "no reply"}");
    }

    async Task<bool> IsWholeAsync()
    {
        foreach (var server in _servers)
        {
            var info = await RespProbe.SendAsync(server.Port, "CLUSTER INFO") ?? "";
            if (!info.Contains("cluster_state:ok", StringComparison.Ordinal)
                || !info.Contains($"cluster_known_nodes:{_servers.Count}", StringComparison.Ordinal)
                || !info.Contains($"cluster_size:{_primaries}", StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
