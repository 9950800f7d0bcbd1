using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.Webhooks.Compose.Tests.Support;

/// <summary>
/// A redis-server started by the very command and configuration file of a service of the compose file. Only what a machine
/// without containers cannot have is replaced: the file's folder, ports, the data folder and other containers' names.
/// </summary>
sealed class ComposedRedis(string service, int primaryPort = 0) : ManagedServer($"compose-{service}", 0)
{
    readonly int _busPort = FreePort.Next();

    public override string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>For create-cluster.sh: the address, with the port of the cluster's bus.</summary>
    public string ClusterAddress => $"127.0.0.1:{Port}@{_busPort}";

    protected override string? Missing() => Executable.Find("redis-server") is null ? "no redis-server on the PATH" : null;

    internal override async Task<ServerInstance> LaunchAsync()
    {
        List<string> command = [.. ComposeFiles.Command(service).Select(x => x switch
        {
            "redis-server" => Executable.Find("redis-server")!,
            "0.0.0.0" => "127.0.0.1",
            _ when x.StartsWith("/usr/local/etc/redis/", StringComparison.Ordinal) => Copy(Path.GetFileName(x)),
            _ => x,
        })];
        Replace(command, "--replicaof", "127.0.0.1", $"{primaryPort}");
        Replace(command, "--replica-announce-ip", "127.0.0.1");
        command.AddRange(["--port", $"{Port}", "--dir", Folder.Path]);
        if (command.Any(x => x.EndsWith("cluster.conf", StringComparison.Ordinal)))
            command.AddRange(["--cluster-port", $"{_busPort}"]);
        return await ProcessInstance.StartAsync(command[0], command.Skip(1), Folder.Path);
    }

    protected override Task<bool> IsReadyAsync() => RespProbe.AnswersAsync(Port);

    /// <summary>A copy: a failover makes a server write into its configuration, which a container has read-only.</summary>
    string Copy(string file)
    {
        File.Copy(ComposeFiles.Path("redis", file), Folder.File(file), overwrite: true);
        return Folder.File(file);
    }

    static void Replace(List<string> command, string option, params string[] values)
    {
        var at = command.IndexOf(option);
        for (var i = 0; at >= 0 && i < values.Length; i++)
            command[at + 1 + i] = values[i];
    }
}

/// <summary>A Sentinel on a copy of compose/redis/sentinel.conf, in which the primary's name and the port are replaced.</summary>
sealed class ComposedSentinel(int primaryPort) : ManagedServer("compose-sentinel", 0)
{
    public override string ConnectionString => $"127.0.0.1:{Port}";

    protected override string? Missing() => Executable.Find("redis-server") is null ? "no redis-server on the PATH" : null;

    internal override async Task<ServerInstance> LaunchAsync()
    {
        var file = Folder.File("sentinel.conf");
        var text = ComposeFiles.Read("redis", "sentinel.conf")
            .Replace("webhooks redis 6379", $"webhooks 127.0.0.1 {primaryPort}", StringComparison.Ordinal)
            .Replace("port 26379", $"port {Port}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text);
        return await ProcessInstance.StartAsync(Executable.Find("redis-server")!,
            [file, "--sentinel", "--bind", "127.0.0.1", "--dir", Folder.Path], Folder.Path);
    }

    protected override Task<bool> IsReadyAsync() => RespProbe.AnswersAsync(Port);
}
