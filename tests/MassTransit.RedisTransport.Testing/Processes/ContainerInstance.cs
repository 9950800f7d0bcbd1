using System.Globalization;

namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>A server in a container on the host's network, with the same folder inside as outside.</summary>
sealed class ContainerInstance : ServerInstance
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    // The first start on a machine may have to pull the image.
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    readonly string _docker;
    readonly string _id;

    ContainerInstance(string docker, string id)
    {
        _docker = docker;
        _id = id;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public override bool HasExited => Docker("inspect", "--format", "{{.State.Running}}", _id) != "true";

    public override long MemoryBytes
    {
        get
        {
            var pid = Docker("inspect", "--format", "{{.State.Pid}}", _id) ?? throw new InvalidOperationException("The container is gone.");
            var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    public override string Output => Docker("logs", "--tail", "40", _id) ?? "";

    public static Task<ContainerInstance> StartAsync(string image, string folder, IEnumerable<string> command) => Task.Run(() =>
    {
        var docker = Executable.Find("docker")!;
        string[] arguments =
            ["run", "--detach", "--network", "host", "--volume", $"{folder}:{folder}", "--workdir", folder, image, .. command];
        var id = Executable.Run(docker, StartLimit, arguments)
            ?? throw new InvalidOperationException($"Docker cannot start {image}.");
        return new ContainerInstance(docker, id);
    });

    public override Task KillAsync() => Task.Run(() => Docker("kill", _id));

    public override Task StopAsync(TimeSpan limit) =>
        Task.Run(() => Docker("stop", "--time", ((int)limit.TotalSeconds).ToString(CultureInfo.InvariantCulture), _id));

    public override void Suspend() => Docker("pause", _id);

    public override void Resume() => Docker("unpause", _id);

    public override void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Docker("rm", "--force", _id);
    }

    void OnProcessExit(object? sender, EventArgs e) => Docker("rm", "--force", _id);

    string? Docker(params string[] arguments) => Executable.Run(_docker, Limit, arguments);
}
