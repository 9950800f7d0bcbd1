using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>A Redis cluster of primaries that share the slots evenly, on this machine.</summary>
public sealed class RedisClusterServers : TestServer
{
    const string AddressVariable = "TEST_REDIS_CLUSTER";
    const int Slots = 16384;

    readonly int _primaries;
    readonly string? _external = Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } value ? value : null;
    readonly List<RedisServerProcess> _servers = [];
    readonly List<int> _busPorts = [];

    public RedisClusterServers() : this(3)
    {
    }

    /// <param name="primaries">At least 3: fewer cannot agree that one has failed.</param>
    public RedisClusterServers(int primaries) : base("redis-cluster")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(primaries, 3);
        _primaries = primaries;
    }

    public override string ConnectionString => _external ?? string.Join(',', _servers.Select(s => s.ConnectionString));

    public IReadOnlyList<RedisServerProcess> Servers => _servers;

    public override async Task StartAsync()
    {
        if (_external is not null)
        {
            IsExternal = IsAvailable = true;
            Reason = "";
            return;
        }

        for (var i = 0; i < _primaries; i++)
        {
            var busPort = FreePort.Next();
            var options = new RedisServerOptions
            {
                // cluster-port: by default the bus is at the port + 10000, which may be taken or out of range.
                ExtraLines = { "cluster-enabled yes", $"cluster-port {busPort}", "cluster-node-timeout 3000", "cluster-config-file nodes.conf" }
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

        for (var i = 1; i < _primaries; i++)
            await CommandAsync(0, $"CLUSTER MEET 127.0.0.1 {_servers[i].Port} {_busPorts[i]}");
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
                || !info.Contains($"cluster_known_nodes:{_primaries}", StringComparison.Ordinal)
                || !info.Contains($"cluster_size:{_primaries}", StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
