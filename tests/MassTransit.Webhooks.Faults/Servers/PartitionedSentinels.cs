using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Scenarios;

namespace MassTransit.Webhooks.Faults.Servers;

/// <summary>A primary in one network namespace, its replicas and three sentinels in another.</summary>
internal sealed class PartitionedSentinels : IAsyncDisposable
{
    const string ServiceName = "tests";
    const int Sentinels = 3, Port = 6379, FirstSentinel = 26379;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly Namespaces _networks;
    readonly TempFolder _folder = new("partition");
    readonly List<ProcessInstance> _processes = [];

    PartitionedSentinels(Namespaces networks) => _networks = networks;

    public string ConnectionString =>
        string.Join(',', Enumerable.Range(FirstSentinel, Sentinels).Select(x => $"{_networks.SecondAddress}:{x}"))
            + $",serviceName={ServiceName}";

    public string OldPrimary => _networks.FirstAddress;

    public static async Task<PartitionedSentinels> StartAsync(int replicas, Safety safety)
    {
        if (Executable.Find("redis-server", "valkey-server") is not { } binary)
            throw new NotOnThisMachineException("no redis-server or valkey-server on the PATH");
        var servers = new PartitionedSentinels(Namespaces.Create());
        try
        {
            await servers.StartAllAsync(binary, replicas, safety);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public void Cut() => _networks.Link(up: false);

    public void Heal() => _networks.Link(up: true);

    /// <summary>The address that the sentinels name.</summary>
    public async Task<string?> PrimaryAsync() =>
        (await AskAsync(_networks.SecondAddress, FirstSentinel, $"SENTINEL get-master-addr-by-name {ServiceName}"))
            ?.Split("\r\n") is { Length: > 4 } lines ? lines[2] : null;

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            process.Dispose();
        _networks.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task StartAllAsync(string binary, int replicas, Safety safety)
    {
        var options = new RedisServerOptions();
        safety.Write(options);
        string[] common = ["protected-mode no", "save \"\"", "appendonly no", "repl-diskless-sync-delay 0", .. options.ExtraLines];
        await StartAsync(binary, _networks.InFirst, "primary", [.. common, $"port {Port}", $"replica-announce-ip {OldPrimary}"]);
        await AnswersAsync(OldPrimary, Port);
        for (var i = 1; i <= replicas; i++)
        {
            await StartAsync(binary, _networks.InSecond, $"replica{i}",
                [.. common, $"port {Port + i}", $"replicaof {OldPrimary} {Port}", $"replica-announce-ip {_networks.SecondAddress}"]);
        }

        await Eventually.TrueAsync(async () => (await AskAsync(OldPrimary, Port, "INFO replication"))
            ?.Split("state=online").Length == replicas + 1, Limit, "the replicas are in step");
        for (var i = 0; i < Sentinels; i++)
        {
            await StartAsync(binary, _networks.InSecond, $"sentinel{i}",
            [
                "protected-mode no", $"port {FirstSentinel + i}", $"sentinel announce-ip {_networks.SecondAddress}",
                $"sentinel monitor {ServiceName} {OldPrimary} {Port} 2", $"sentinel down-after-milliseconds {ServiceName} 1500",
                $"sentinel failover-timeout {ServiceName} 10000",
            ], "--sentinel");
        }

        for (var i = 0; i < Sentinels; i++)
        {
            var port = FirstSentinel + i;
            await Eventually.TrueAsync(async () => (await AskAsync(_networks.SecondAddress, port, "INFO sentinel"))
                ?.Contains($"slaves={replicas},sentinels={Sentinels}", StringComparison.Ordinal) is true, Limit,
                "the sentinels know each other");
        }
    }

    async Task StartAsync(string binary, string[] inside, string name, string[] lines, params string[] arguments)
    {
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        var file = Path.Combine(folder, "redis.conf");
        await File.WriteAllLinesAsync(file, ["bind 0.0.0.0", $"dir {folder}", .. lines]);
        _processes.Add(await ProcessInstance.StartAsync(Executable.Find(inside[0])!, [.. inside[1..], binary, file, .. arguments], folder));
    }

    static Task AnswersAsync(string address, int port) =>
        Eventually.TrueAsync(async () => await AskAsync(address, port, "PING") is "+PONG\r\n", Limit,
            $"{address}:{port.ToString(CultureInfo.InvariantCulture)} answers");

    static async Task<string?> AskAsync(string address, int port, string command)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, port, timeout.Token);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), timeout.Token);
            var buffer = new byte[8192];
            var read = await client.GetStream().ReadAsync(buffer, timeout.Token);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}
