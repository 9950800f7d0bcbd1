using System.Globalization;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>One primary, its replicas, and three sentinels that promote a replica about 2 s after the primary is gone.</summary>
public sealed class SentinelCluster : TestServer
{
    const string AddressVariable = "TEST_REDIS_SENTINEL";
    const string ServiceName = "tests";
    const int Sentinels = 3, Quorum = 2;

    readonly int _replicas;
    readonly RedisServerOptions _options;
    readonly string? _external = Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } value ? value : null;
    readonly List<RedisServerProcess> _servers = [];
    readonly List<Sentinel> _sentinels = [];

    public SentinelCluster() : this(1)
    {
    }

    /// <param name="replicas">How many servers copy the primary.</param>
    /// <param name="options">For each of the servers: append-only file, memory, extra lines.</param>
    public SentinelCluster(int replicas, RedisServerOptions? options = null) : base("redis-sentinel")
    {
        _replicas = replicas;
        _options = options ?? new RedisServerOptions();
    }

    public override string ConnectionString =>
        _external ?? $"{string.Join(',', _sentinels.Select(s => $"127.0.0.1:{s.Port}"))},serviceName={ServiceName}";

    /// <summary>All servers, the first primary first.</summary>
    public IReadOnlyList<RedisServerProcess> Servers => _servers;

    public override async Task StartAsync()
    {
        if (_external is not null)
        {
            IsExternal = IsAvailable = true;
            Reason = "";
            return;
        }

        if (Executable.Find("redis-server", "valkey-server") is null && !Executable.HasDocker)
        {
            Reason = $"no redis-server or valkey-server on the PATH, no Docker engine, and {AddressVariable} is not set";
            return;
        }

        _servers.Add(await StartServerAsync(primary: null));
        for (var i = 0; i < _replicas; i++)
            _servers.Add(await StartServerAsync(_servers[0].Port));
        await Eventually.TrueAsync(ReplicasOnlineAsync, TimeSpan.FromSeconds(30), "the replicas are in step");

        for (var i = 0; i < Sentinels; i++)
        {
            var sentinel = new Sentinel(_servers[0].Port);
            _sentinels.Add(sentinel);
            await sentinel.StartAsync();
        }

        await Eventually.TrueAsync(SentinelsAgreeAsync, TimeSpan.FromSeconds(30), "the sentinels know each other");
        IsAvailable = true;
        Reason = "";
    }

    /// <summary>The port of the server that the sentinels call the primary.</summary>
    public async Task<int> PrimaryPortAsync()
    {
        foreach (var sentinel in _sentinels)
        {
            var reply = await RespProbe.SendAsync(sentinel.Port, $"SENTINEL get-master-addr-by-name {ServiceName}");
            var lines = reply?.Split("\r\n");
            if (lines is { Length: > 4 } && int.TryParse(lines[4], CultureInfo.InvariantCulture, out var port))
                return port;
        }

        throw new InvalidOperationException("No sentinel answers.");
    }

    /// <summary>Kills the primary and returns its port.</summary>
    public async Task<int> KillPrimaryAsync()
    {
        var port = await PrimaryPortAsync();
        await _servers.Single(s => s.Port == port).KillAsync();
        return port;
    }

    /// <summary>Waits until another server than the given one is the primary and accepts writes, and returns its port.</summary>
    public async Task<int> WaitForFailoverAsync(int from, TimeSpan? timeout = null)
    {
        var port = from;
        await Eventually.TrueAsync(async () =>
        {
            port = await PrimaryPortAsync();
            return port != from && (await RespProbe.SendAsync(port, "ROLE"))?.Contains("master", StringComparison.Ordinal) == true;
        }, timeout ?? TimeSpan.FromSeconds(60), "a replica has been promoted");
        return port;
    }

    /// <summary>A planned failover, with all servers in good health. Returns the port of the server that was the primary.</summary>
    public async Task<int> FailoverAsync()
    {
        var port = await PrimaryPortAsync();
        // Refused until the sentinel has heard enough of the replicas.
        await Eventually.TrueAsync(async () =>
            (await RespProbe.SendAsync(_sentinels[0].Port, $"SENTINEL failover {ServiceName}"))
                ?.StartsWith("+OK", StringComparison.Ordinal) is true,
            TimeSpan.FromSeconds(40), "a failover begins");
        return port;
    }

    public override Task KillAsync() => KillPrimaryAsync();

    public override async ValueTask DisposeAsync()
    {
        foreach (var sentinel in _sentinels)
            await sentinel.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    async Task<RedisServerProcess> StartServerAsync(int? primary)
    {
        var options = new RedisServerOptions
        {
            AppendFsync = _options.AppendFsync,
            MaxMemory = _options.MaxMemory,
            MaxMemoryPolicy = _options.MaxMemoryPolicy
        };
        foreach (var line in _options.ExtraLines)
            options.ExtraLines.Add(line);
        options.ExtraLines.Add("repl-diskless-sync-delay 0");
        if (primary is not null)
            options.ExtraLines.Add($"replicaof 127.0.0.1 {primary}");
        var server = new RedisServerProcess(options);
        await server.StartAsync();
        return server;
    }

    async Task<bool> ReplicasOnlineAsync()
    {
        var info = await RespProbe.SendAsync(_servers[0].Port, "INFO replication") ?? "";
        return info.Split("state=online").Length - 1 == _replicas;
    }

    async Task<bool> SentinelsAgreeAsync()
    {
        foreach (var sentinel in _sentinels)
        {
            var info = await RespProbe.SendAsync(sentinel.Port, "INFO sentinel") ?? "";
            if (!info.Contains($"slaves={_replicas},sentinels={Sentinels}", StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    sealed class Sentinel(int primary) : ManagedServer("sentinel", 0)
    {
        public override string ConnectionString => $"127.0.0.1:{Port}";

        protected override string? Missing() => null;

        internal override async Task<ServerInstance> LaunchAsync()
        {
            // Sentinel writes what it learns into its configuration: a file of its own for each.
            var file = Folder.File("sentinel.conf");
            await File.WriteAllLinesAsync(file,
            [
                "bind 127.0.0.1", $"port {Port}", $"dir {Folder.Path}",
                $"sentinel monitor {ServiceName} 127.0.0.1 {primary} {Quorum}",
                $"sentinel down-after-milliseconds {ServiceName} 1500",
                $"sentinel failover-timeout {ServiceName} 10000"
            ]);
            return Executable.Find("redis-server", "valkey-server") is { } binary
                ? await ProcessInstance.StartAsync(binary, [file, "--sentinel"], Folder.Path)
                : await ContainerInstance.StartAsync("redis:7-alpine", Folder.Path, ["redis-server", file, "--sentinel"]);
        }

        protected override Task<bool> IsReadyAsync() => RespProbe.AnswersAsync(Port);
    }
}
